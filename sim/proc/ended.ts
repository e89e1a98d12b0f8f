/** Thrown through a program's code to end it at `exit` or `crash`; never seen by who catches errors. */
export class Ended extends Error {
  override readonly name = 'Ended';
}
