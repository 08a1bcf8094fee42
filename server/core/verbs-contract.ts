import type { LocalizedText } from '../lib/localized-text.ts'
import type { Permission } from '../users/permissions.ts'

/** [中文, English]. */
type LocalizedPair = readonly [zh: string, en: string]

export const pair = ({ zh, en }: LocalizedText): LocalizedPair => [zh, en]

/**
 * A verb without its function and its input: the half that runs in a browser too. `defineVerb` of `verbs.ts` binds it to
 * its function. docs/decisions/0021 says why there are two halves.
 */
export type VerbDeclaration = {
  /** The route's path without /api: '/orders/confirm'. Its button has the same name. */
  path: string
  permission: Permission
  /** The sentence of the API document. */
  summary: string
  /** The text of its button. */
  words: LocalizedPair
  /** The message after it was done to `{n}` rows. */
  done: LocalizedPair
  /** The bulk action's name in the API and the title of its batches, if it also runs over every row that a filter matches. */
  bulk?: { name: string; words: LocalizedPair }
  /** The actions that it writes to the audit log, and how they are shown. */
  audit?: Record<string, LocalizedPair>
}

export type VerbTable = Record<string, VerbDeclaration>

/** The requests of these verbs, as the pages type them. */
export type VerbRequests<Verb extends { path: string; body: unknown }, Response> = {
  [Each in Verb as `POST ${Each['path']}`]: { body: Each['body']; response: Response }
}
