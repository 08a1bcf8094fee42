import type { LocalizedPair, LocalizedText } from '../lib/localized-text.ts'
import type { Permission } from '../users/permissions.ts'

export const pair = ({ zh, en }: LocalizedText): LocalizedPair => [zh, en]

/**
 * A verb without its function and its input: the part that also runs in a browser. `defineVerb` of `verbs.ts` binds the declaration to its
 * function. docs/decisions/0021 gives the reason for the two parts.
 */
export type VerbDeclaration = {
  /** The route's path without /api: '/orders/confirm'. The verb's button has the same name. */
  path: string
  permission: Permission
  /** The summary of the route in the API document. */
  summary: string
  /** The label of the button. */
  words: LocalizedPair
  /** The message after the verb has changed `{n}` rows. */
  done: LocalizedPair
  /** The bulk action's name in the API and the title of its batches; undefined if the verb cannot run over all rows of a filter. */
  bulk?: { name: string; words: LocalizedPair }
  /** The audit actions that the verb writes, with their labels. */
  audit?: Record<string, LocalizedPair>
}

export type VerbTable = Record<string, VerbDeclaration>
