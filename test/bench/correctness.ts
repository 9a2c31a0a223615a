/** Whoever does not answer what the upstream says is not measured. */
import { isDeepStrictEqual } from 'node:util';
import { itemOf, itemsIn } from './answers.ts';
import { token } from './client.ts';
import { bodyFor, type Question } from './questions.ts';

export type Asked = { contender: string; port: number; upstreamPort: number; question: Question };

const headers = { 'content-type': 'application/json', authorization: token };

/** Its answer. @throws Error naming the contender and what it answered. */
export async function expectCorrect({ contender, port, upstreamPort, question }: Asked): Promise<string> {
  const body = bodyFor(contender, question);
  const asked = fetch(`http://127.0.0.1:${port}/graphql`, { method: 'POST', headers, body });
  const [response, expected] = await Promise.all([asked, readUpstream(upstreamPort, question)]);
  const answer = (await response.text()) || 'nothing';
  if (!response.ok) throw new Error(`${contender} answered ${response.status}: ${answer.slice(0, 300)}`);
  if (!isRight(contender, question, answer, expected)) {
    throw new Error(`${contender} answered otherwise: ${answer.slice(0, 300)}`);
  }
  return answer;
}

function readUpstream(upstreamPort: number, { requestIds }: Question): Promise<string[]> {
  const addresses = requestIds.map((id) => `http://127.0.0.1:${upstreamPort}/report/v1/viber-log/${id}`);
  return Promise.all(addresses.map(async (address) => (await fetch(address, { headers })).text()));
}

/** The raw proxy knows no GraphQL: it hands on the bytes. */
function isRight(contender: string, question: Question, answer: string, expected: string[]): boolean {
  if (contender === 'raw') return answer === expected.join('');
  const items = expected.map((text, index) =>
    itemOf(question.requestIds[index] ?? '', JSON.parse(text), question.kind),
  );
  return isDeepStrictEqual(itemsIn(contender, question, answer), items);
}
