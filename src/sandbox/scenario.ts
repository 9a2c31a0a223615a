/**
 * What a scenario of the sandbox is.
 */
import type { ServerResponse } from 'node:http';

type Asked = {
  requestId: string;
  /** What follows the scenario's name in the id, without the `-`. */
  suffix: string;
  /** Which of the sandbox's tokens asks, counted from 0. */
  account: number;
  /** How long ago this id was first asked for. */
  secondsSinceFirstAsked: number;
};

export type Scenario = {
  name: string;
  /** One line for the listing. */
  shows: string;
  /** Writes D7's answer; the ways of failing need the response itself, and its socket. */
  answer: (response: ServerResponse, asked: Asked) => void;
};
