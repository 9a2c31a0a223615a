/**
 * What the sandbox can do, chosen by request id.
 *
 * An id is a scenario's name, or its name, a `-` and anything: `error-503` and `error-503-b` are two ids of one scenario.
 */
import { failureScenarios } from './failure-scenarios.ts';
import { logScenarios } from './log-scenarios.ts';
import type { Scenario } from './scenario.ts';

export const scenarios: readonly Scenario[] = [...logScenarios, ...failureScenarios];

/** The scenario with the longest name that the id begins with, or undefined: then there is no such log. */
export function scenarioFor(requestId: string): { scenario: Scenario; suffix: string } | undefined {
  const scenario = scenarios
    .filter(({ name }) => requestId === name || requestId.startsWith(`${name}-`))
    .toSorted((a, b) => b.name.length - a.name.length)[0];
  return scenario && { scenario, suffix: requestId.slice(scenario.name.length + 1) };
}
