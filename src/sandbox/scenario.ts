/**
 * The type of a scenario of the sandbox.
 */
import type { ServerResponse } from 'node:http';

export type ScenarioRequest = {
  requestId: string;
  /** The text after the scenario's name and the `-` in the id. */
  suffix: string;
  /** The index of the request's token among the sandbox's tokens. */
  account: number;
  secondsSinceFirstRequest: number;
};

export type Scenario = {
  name: string;
  /** One line for the sandbox's page. */
  shows: string;
  /** Writes D7's response. Failure scenarios need the response object and its socket. */
  answer: (response: ServerResponse, request: ScenarioRequest) => void;
};
