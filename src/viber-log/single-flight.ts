/**
 * Single flight: whoever asks for what somebody has already been sent out for waits for that answer, too.
 *
 * A flight belongs to its passengers. One who leaves takes nothing from the others; when the last one leaves it is aborted,
 * and nobody who comes after that can board it. What a flight fails with is told to those who are on board, and not kept.
 */
import { type CallBudget, Cancellation } from '../d7/cancellation.ts';
import { ViberLogFailure } from '../d7/failures.ts';

/** Sends somebody out, who is to wait as long as the first passenger, or until all have left. */
type Depart<Result> = (budget: CallBudget) => Promise<Result>;

export class SingleFlight<Result> {
  /** By caller, and then by what was asked for. Callers with nothing under way are not in it. */
  readonly #underWay = new Map<string, Map<string, Flight<Result>>>();

  /**
   * @param caller whose flights may be boarded.
   * @param anew not with those who are already under way, whose answer may be older than the question.
   * @throws ViberLogFailure `cancelled` or `outOfTime` when this passenger's budget ends before the flight does.
   */
  board(caller: string, key: string, budget: CallBudget, anew: boolean, depart: Depart<Result>): Promise<Result> {
    if (budget.cancellation.isCancelled) return Promise.reject(cancelled());
    const known = anew ? undefined : this.#underWay.get(caller)?.get(key);
    const flight = known ?? this.#open(caller, key, budget, depart);
    return new Promise((resolve, reject) => {
      flight.take(new Passenger(flight, budget, resolve, reject));
    });
  }

  /** Nobody may board any flight of this caller that is under way. */
  forget(caller: string): void {
    this.#underWay.delete(caller);
  }

  /** Nobody may board any flight that is under way. */
  forgetAll(): void {
    this.#underWay.clear();
  }

  #open(caller: string, key: string, { deadlineMs, priority }: CallBudget, depart: Depart<Result>): Flight<Result> {
    const flight = new Flight<Result>(caller, key, deadlineMs, this);
    const ofCaller = this.#underWay.get(caller);
    if (ofCaller) ofCaller.set(key, flight);
    else this.#underWay.set(caller, new Map([[key, flight]]));
    flight.depart(depart, priority);
    return flight;
  }

  /** Nobody may board it any more. */
  close(flight: Flight<Result>): void {
    const { caller, key } = flight;
    const ofCaller = this.#underWay.get(caller);
    // A newer one may have taken its place.
    if (ofCaller?.get(key) !== flight) return;
    ofCaller.delete(key);
    if (ofCaller.size === 0) this.#underWay.delete(caller);
  }
}

class Flight<Result> {
  readonly caller: string;
  readonly key: string;
  readonly deadlineMs: number;
  readonly #flights: SingleFlight<Result>;
  readonly #cancellation = new Cancellation();
  /** All who have ever boarded, the first when it opens; those who left know it themselves. */
  #passengers: Passenger<Result>[] | undefined;
  #aboard = 0;

  constructor(caller: string, key: string, deadlineMs: number, flights: SingleFlight<Result>) {
    this.caller = caller;
    this.key = key;
    this.deadlineMs = deadlineMs;
    this.#flights = flights;
  }

  depart(depart: Depart<Result>, priority: CallBudget['priority']): void {
    depart({ cancellation: this.#cancellation, deadlineMs: this.deadlineMs, priority }).then(
      (result) => {
        for (const passenger of this.#land()) passenger.arrive(result);
      },
      (failure) => {
        for (const passenger of this.#land()) passenger.strand(failure);
      },
    );
  }

  take(passenger: Passenger<Result>): void {
    if (this.#passengers) this.#passengers.push(passenger);
    else this.#passengers = [passenger];
    this.#aboard += 1;
  }

  onLeft(): void {
    this.#aboard -= 1;
    if (this.#aboard > 0) return;
    this.#flights.close(this);
    this.#cancellation.cancel();
  }

  /**
   * An empty flight remains. A Map that is written to all the time leaves tables behind, which hold what stood in them until the next
   * full garbage collection: with its passengers each flight would have held all that it brought, ten times as much.
   */
  #land(): Passenger<Result>[] {
    this.#flights.close(this);
    const passengers = this.#passengers ?? [];
    this.#passengers = undefined;
    return passengers;
  }
}

class Passenger<Result> {
  readonly #flight: Flight<Result>;
  readonly #cancellation: Cancellation;
  readonly #resolve: (result: Result) => void;
  readonly #reject: (failure: unknown) => void;
  /** Needed only by one with less time than the flight. */
  readonly #clock: NodeJS.Timeout | undefined;

  constructor(
    flight: Flight<Result>,
    { cancellation, deadlineMs }: CallBudget,
    resolve: (result: Result) => void,
    reject: (failure: unknown) => void,
  ) {
    this.#flight = flight;
    this.#cancellation = cancellation;
    this.#resolve = resolve;
    this.#reject = reject;
    if (deadlineMs < flight.deadlineMs) {
      this.#clock = setTimeout(() => this.#leave(outOfTime()), deadlineMs - performance.now());
    }
    cancellation.addListener(this);
  }

  onCancelled(): void {
    this.#leave(cancelled());
  }

  arrive(result: Result): void {
    this.#alight();
    this.#resolve(result);
  }

  strand(failure: unknown): void {
    this.#alight();
    this.#reject(failure);
  }

  #leave(failure: ViberLogFailure): void {
    this.strand(failure);
    this.#flight.onLeft();
  }

  #alight(): void {
    clearTimeout(this.#clock);
    this.#cancellation.removeListener(this);
  }
}

function cancelled(): ViberLogFailure {
  return new ViberLogFailure('cancelled', 'the caller went away');
}

function outOfTime(): ViberLogFailure {
  return new ViberLogFailure('outOfTime', 'the operation has no time left');
}
