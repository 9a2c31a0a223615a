/** The time as the board shows it: one tick a second for all views. */
import { observable } from './observable.ts';

export const clock = observable(Date.now());

setInterval(() => clock.set(Date.now()), 1000);
