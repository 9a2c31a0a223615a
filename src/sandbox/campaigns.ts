/**
 * Campaigns: logs of thousands of messages that change over minutes, as somebody watches them while they are sent.
 *
 * A campaign is a pure function of its id and its age, so that each poll, and each run, sees the same course.
 */
import type { D7Log, D7Message } from './logs.ts';

type CountryPlan = {
  code: string;
  prefix: string;
  /** Its part of the recipients, in relation to the others. */
  weight: number;
  /** When half of the receipts have come. */
  medianSeconds: number;
  failureRate: number;
  cost: number;
};

export type CampaignPlan = {
  recipients: number;
  countries: readonly CountryPlan[];
  /** D7 lists the messages one after the other, over this time. */
  listedWithinSeconds: number;
  /** D7 takes back the receipts of a part of one country, and sends them again later. */
  takenBack: { code: string; rate: number; fromSeconds: number; toSeconds: number } | null;
  /** The part of the messages that never get a receipt. */
  unansweredRate: number;
  /** The part of the messages with a status that D7 does not document. */
  undocumentedRate: number;
  /** No receipt takes longer. */
  lastReceiptSeconds: number;
};

const emirates = { code: 'AE', prefix: '+97150', weight: 34, medianSeconds: 9, failureRate: 0.021, cost: 0.0041 };
const saudi = { code: 'SA', prefix: '+96650', weight: 22, medianSeconds: 14, failureRate: 0.034, cost: 0.0052 };
const germany = { code: 'DE', prefix: '+49151', weight: 14, medianSeconds: 7, failureRate: 0.012, cost: 0.0079 };
const britain = { code: 'GB', prefix: '+44740', weight: 12, medianSeconds: 8, failureRate: 0.016, cost: 0.0066 };
const egypt = { code: 'EG', prefix: '+20100', weight: 10, medianSeconds: 22, failureRate: 0.058, cost: 0.0033 };
const slowIndia = { code: 'IN', prefix: '+91981', weight: 8, medianSeconds: 95, failureRate: 0.047, cost: 0.0028 };

const countries = [emirates, saudi, germany, britain, egypt, slowIndia];

export const campaignPlan: CampaignPlan = {
  recipients: 3200,
  countries,
  listedWithinSeconds: 25,
  takenBack: { code: 'SA', rate: 0.09, fromSeconds: 105, toSeconds: 130 },
  unansweredRate: 0,
  undocumentedRate: 0,
  lastReceiptSeconds: 200,
};

export const latePlan: CampaignPlan = { ...campaignPlan, recipients: 900, takenBack: null, lastReceiptSeconds: 90 };

export const failingPlan: CampaignPlan = {
  ...campaignPlan,
  recipients: 1400,
  takenBack: null,
  countries: [emirates, { ...egypt, weight: 40, failureRate: 0.46 }, saudi],
};

export const unansweredPlan: CampaignPlan = {
  ...campaignPlan,
  recipients: 1100,
  unansweredRate: 0.06,
  undocumentedRate: 0.008,
  lastReceiptSeconds: 60,
};

export const largePlan: CampaignPlan = { ...campaignPlan, recipients: 50_000, lastReceiptSeconds: 240 };

const doublePartRate = 0.12;

export function campaignAt(requestId: string, plan: CampaignPlan, ageSeconds: number): D7Log {
  const seed = seedOf(requestId);
  const listed = Math.min(
    plan.recipients,
    Math.ceil((plan.recipients * Math.max(ageSeconds, 0.5)) / plan.listedWithinSeconds),
  );
  return {
    request_id: requestId,
    total_recipients: plan.recipients,
    channel: 'viber',
    messages: Array.from({ length: listed }, (_, index) => messageAt(index, seed, plan, ageSeconds)),
  };
}

function messageAt(index: number, seed: number, plan: CampaignPlan, ageSeconds: number): D7Message {
  const chance = chancesOf(seed, index);
  const country = countryAt(plan.countries, chance());
  const number = String(Math.floor(chance() * 1e7)).padStart(7, '0');
  const parts = chance() < doublePartRate ? 2 : 1;
  const listedAtSeconds = (index / plan.recipients) * plan.listedWithinSeconds;
  return {
    msg_id: `${seed.toString(16).padStart(8, '0')}-75fe-11ed-9e31-${index.toString(16).padStart(12, '0')}`,
    country: country.code,
    recipient: `${country.prefix}${number}`,
    status: isTakenBack(ageSeconds, country, plan, chance())
      ? 'sent'
      : statusAt(ageSeconds - listedAtSeconds, country, plan, chance),
    number_of_viber_message: parts,
    viber_cost: Math.round(parts * country.cost * 1e4) / 1e4,
    schedule_time: null,
  };
}

function statusAt(ageSeconds: number, country: CountryPlan, plan: CampaignPlan, chance: () => number): string {
  const fate = chance();
  if (fate < plan.unansweredRate) return 'sent';
  const isUndocumented = fate < plan.unansweredRate + plan.undocumentedRate;
  const receiptSeconds = Math.min(plan.lastReceiptSeconds, country.medianSeconds * spread(chance()));
  if (ageSeconds < receiptSeconds) return 'sent';
  if (isUndocumented) return 'expired';
  return chance() < country.failureRate ? 'undelivered' : 'delivered';
}

function isTakenBack(ageSeconds: number, { code }: CountryPlan, { takenBack }: CampaignPlan, chance: number): boolean {
  if (takenBack === null || takenBack.code !== code || chance >= takenBack.rate) return false;
  return ageSeconds >= takenBack.fromSeconds && ageSeconds < takenBack.toSeconds;
}

/** Around 1: half of the receipts come earlier than the median, few take several times as long. */
function spread(chance: number): number {
  return 0.15 + 0.85 * (chance / (1 - chance * 0.999)) ** 0.55;
}

function countryAt(plans: readonly CountryPlan[], chance: number): CountryPlan {
  const whole = plans.reduce((sum, { weight }) => sum + weight, 0);
  let left = chance * whole;
  for (const plan of plans) {
    left -= plan.weight;
    if (left < 0) return plan;
  }
  return plans[0] as CountryPlan;
}

/** FNV-1a. */
function seedOf(requestId: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < requestId.length; index += 1) {
    hash = Math.imul(hash ^ requestId.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

/** Numbers from 0 to 1, the same ones for the same message at any time (mulberry32). */
function chancesOf(seed: number, index: number): () => number {
  let state = seed ^ Math.imul(index + 1, 0x9e3779b1);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
