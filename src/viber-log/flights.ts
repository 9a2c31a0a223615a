/**
 * Single flight: whoever asks for what somebody has already been sent out for waits for that answer, too.
 *
 * A flight belongs to its passengers. One who leaves takes nothing from the others; when the last one leaves it is aborted,
 * and nobody who comes after that can board it. What a flight fails with is told to those who are on board, and not kept.
 */
import { ViberLogFailure } from '../d7/failures.ts';

/** How long somebody waits: until they go away, or until their time is up by the clock of `performance.now()`. */
export type Patience = { signal: AbortSignal; deadlineMs: number };

type Boarding<Result> = {
  key: string;
  /** Not with those who are already under way, whose answer may be older than the question. */
  anew: boolean;
  /** Sends somebody out, who is to wait as long as the first passenger, or until all have left. */
  depart: (patience: Patience) => Promise<Result>;
};

export type Flights<Result> = {
  /** @throws ViberLogFailure `cancelled` or `outOfTime` when this passenger's patience ends before the flight does. */
  board: (passenger: Patience, boarding: Boarding<Result>) => Promise<Result>;
};

type Flight<Result> = {
  result: Promise<Result>;
  deadlineMs: number;
  passengers: number;
  /** Ends it for good: nobody is waiting any more. */
  abort: () => void;
};

export function createFlights<Result>(): Flights<Result> {
  const underWay = new Map<string, Flight<Result>>();

  async function board(passenger: Patience, { key, anew, depart }: Boarding<Result>): Promise<Result> {
    if (passenger.signal.aborted) throw cancelled();
    const flight = (anew ? undefined : underWay.get(key)) ?? open(key, passenger.deadlineMs, depart);
    return ride(flight, passenger);
  }

  function open(key: string, deadlineMs: number, depart: Boarding<Result>['depart']): Flight<Result> {
    const controller = new AbortController();
    const result = depart({ signal: controller.signal, deadlineMs });
    const land = () => {
      // A newer one may have taken its place.
      if (underWay.get(key) === flight) underWay.delete(key);
    };
    const abort = () => {
      land();
      controller.abort();
    };
    const flight = { result, deadlineMs, passengers: 0, abort };
    underWay.set(key, flight);
    result.then(land, land);
    return flight;
  }

  return { board };
}

function ride<Result>(flight: Flight<Result>, { signal, deadlineMs }: Patience): Promise<Result> {
  return new Promise((resolve, reject) => {
    function leave(failure: ViberLogFailure): void {
      alight();
      flight.passengers -= 1;
      if (flight.passengers === 0) flight.abort();
      reject(failure);
    }

    const goAway = () => leave(cancelled());
    // Its own clock is needed only by a passenger with less time than the flight.
    const clock =
      deadlineMs < flight.deadlineMs ? setTimeout(() => leave(outOfTime()), deadlineMs - performance.now()) : undefined;

    function alight(): void {
      clearTimeout(clock);
      signal.removeEventListener('abort', goAway);
    }

    flight.passengers += 1;
    signal.addEventListener('abort', goAway);
    flight.result.then(resolve, reject);
    flight.result.then(alight, alight);
  });
}

function cancelled(): ViberLogFailure {
  return new ViberLogFailure('cancelled', 'the caller went away');
}

function outOfTime(): ViberLogFailure {
  return new ViberLogFailure('outOfTime', 'the operation has no time left');
}
