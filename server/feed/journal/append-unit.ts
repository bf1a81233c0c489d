import type { AppendCondition, AppendError, Appended, NewEvent } from '../appending.ts';

export type Outcome = Appended | AppendError;

/** One call of `append`: its events are kept together, or none of them. */
export interface AppendUnit {
  readonly events: readonly NewEvent[];
  readonly condition: AppendCondition | undefined;
  /** Of data. */
  readonly bytes: number;
  resolve(outcomes: readonly Outcome[]): void;
  reject(error: AppendError): void;
}

/** A unit and its answer, to be given when what it rests on has been committed. */
export interface Decided {
  readonly unit: AppendUnit;
  readonly outcomes: readonly Outcome[];
  /** Its condition did not hold. */
  readonly isRefused: boolean;
}
