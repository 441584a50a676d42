/** What one limiter hears of the attempts at other machines. */
export interface AttemptCounter {
  /** `count` attempts more; 0: earlier ones are forgiven. */
  heard(address: string, count: number): void;
}

/** Shares counts of attempts among machines, so that several machines do not allow several times the attempts of one. */
export interface SharedAttempts {
  /** `name`: the same for one limiter of all machines. */
  join(name: string, counter: AttemptCounter): void;
  /** Tells the other machines, within a tenth of a second. */
  tell(name: string, address: string, count: number): void;
}
