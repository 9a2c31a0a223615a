/**
 * All scenarios of the sandbox. The request id selects the scenario.
 *
 * An id is a scenario's name, optionally with `-` and any text: `error-503` and `error-503-b` are two ids of one scenario.
 */
import { campaignScenarios } from './campaign-scenarios.ts';
import { failureScenarios } from './failure-scenarios.ts';
import { logScenarios } from './log-scenarios.ts';
import type { Scenario } from './scenario.ts';

export const scenarios: readonly Scenario[] = [...logScenarios, ...campaignScenarios, ...failureScenarios];

/** The scenario with the longest name that is a prefix of the id. Undefined: there is no such log. */
export function scenarioFor(requestId: string): { scenario: Scenario; suffix: string } | undefined {
  const scenario = scenarios
    .filter(({ name }) => requestId === name || requestId.startsWith(`${name}-`))
    .toSorted((a, b) => b.name.length - a.name.length)[0];
  return scenario && { scenario, suffix: requestId.slice(scenario.name.length + 1) };
}
