import type { LocalizedPair, LocalizedText } from '../lib/localized-text.ts'
import type { Permission } from '../users/permissions.ts'

export const pair = ({ zh, en }: LocalizedText): LocalizedPair => [zh, en]

/**
 * The part of a verb that also runs in the browser. `defineVerb` of `verbs.ts` adds its function and its input. docs/decisions/0021 gives
 * the reason for the two parts.
 */
export type VerbDeclaration = {
  /** The route's path without /api, such as '/orders/confirm'. It is also the name of the verb's button. */
  path: string
  permission: Permission
  /** The summary of the route in the API document. */
  summary: string
  words: LocalizedPair
  /** The message after success; `{n}` is the number of changed rows. */
  done: LocalizedPair
  /** The bulk action's name in the API and the title of its batches. Undefined: the verb cannot run over all rows of a filter. */
  bulk?: { name: string; words: LocalizedPair }
  /** The audit actions that the verb writes, with their labels. */
  audit?: Record<string, LocalizedPair>
}

export type VerbTable = Record<string, VerbDeclaration>
