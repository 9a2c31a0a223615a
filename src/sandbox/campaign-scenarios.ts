/**
 * Scenarios for the delivery board: campaigns worth watching. SANDBOX_SPEED makes their time, and that of `moving`, pass faster.
 */
import type { ServerResponse } from 'node:http';
import { sendJson, sendNoSuchLog, sendPage } from './answers.ts';
import {
  type CampaignPlan,
  campaignAt,
  campaignPlan,
  failingPlan,
  largePlan,
  latePlan,
  unansweredPlan,
} from './campaigns.ts';
import type { Scenario, ScenarioRequest } from './scenario.ts';

const lateSeconds = 12;
const outage = { fromSeconds: 20, toSeconds: 65 };

export const campaignScenarios: readonly Scenario[] = [
  {
    name: 'campaign',
    shows:
      '3200 messages to six countries over four minutes: failures, receipts that D7 takes back for a while, and one slow country',
    answer: sendCampaign(campaignPlan),
  },
  {
    name: 'campaign-late',
    shows: `900 messages whose log appears ${lateSeconds} seconds after the first request for the id`,
    answer: (response, request) => {
      const sinceStart = request.secondsSinceFirstRequest - lateSeconds;
      if (sinceStart < 0) return sendNoSuchLog(response);
      sendJson(response, 200, campaignAt(request.requestId, latePlan, sinceStart));
    },
  },
  {
    name: 'campaign-failing',
    shows: '1400 messages; nearly half of those to one country fail',
    answer: sendCampaign(failingPlan),
  },
  {
    name: 'campaign-unanswered',
    shows: '1100 messages; some stay sent for ever, and some get a status that D7 does not document',
    answer: sendCampaign(unansweredPlan),
  },
  {
    name: 'campaign-outage',
    shows: `as campaign, and D7 answers 503 from second ${outage.fromSeconds} to ${outage.toSeconds}`,
    answer: (response, request) => {
      const { secondsSinceFirstRequest: seconds } = request;
      if (seconds >= outage.fromSeconds && seconds < outage.toSeconds) {
        return sendPage(response, 503, 'Service Unavailable');
      }
      sendJson(response, 200, campaignAt(request.requestId, campaignPlan, seconds));
    },
  },
  {
    name: 'campaign-large',
    shows: '50000 messages over five minutes',
    answer: sendCampaign(largePlan),
  },
];

function sendCampaign(plan: CampaignPlan) {
  return (response: ServerResponse, { requestId, secondsSinceFirstRequest }: ScenarioRequest) =>
    sendJson(response, 200, campaignAt(requestId, plan, secondsSinceFirstRequest));
}
