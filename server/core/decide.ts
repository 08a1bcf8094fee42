import type { LocalizedText } from '../lib/localized-text.ts'

/** Why a row stays as it is: `code` for programs, `message` for people: the fact, then the remedy. */
export type Refusal = { code: string; message: LocalizedText }

/**
 * What a verb answers for each id of its list: done, or refused with a stable code. `reason` is the value of a table that the code stands
 * for, such as the reason of a hold; `ref` is the number by which people know the row.
 */
export type Outcome =
  | { id: string; done: true; ref?: string }
  | ({ id: string; done: false; reason?: string; ref?: string } & Pick<Refusal, 'code'> & Partial<Refusal>)
