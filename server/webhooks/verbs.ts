import type { By } from '../core/access/actor.ts'
import { audit } from '../core/access/audit.ts'
import type { Tx } from '../core/db/db.ts'
import { answerEach, numbered, type Outcome } from '../core/decide.ts'
import { defineVerb, plain } from '../core/verbs.ts'
import { notAskedFor } from './lifecycle.ts'
import { messageWalk, tag } from './lists.ts'
import { lockMessages, writeReplayed } from './message-queries.ts'
import { webhookVerbs } from './verbs-contract.ts'

/**
 * 重发: sends messages again under the same ids, at once and with all attempts before them. Those of one document are sent in their first
 * order. Those that their subscription no longer asks for are refused.
 */
async function replayMessages(
  tx: Tx,
  ids: readonly string[],
  { actor, scope, request }: By,
): Promise<Outcome[]> {
  const held = await lockMessages(tx, ids, scope)
  const found = held.filter(({ isAsked }) => isAsked).map(({ id }) => id)
  if (found.length > 0) {
    await writeReplayed(tx, found)
    const subject = { type: 'webhook_message', id: found[0] ?? '' }
    await audit(tx, { actor, action: 'webhook.replay', subject, detail: { count: found.length }, request })
  }
  return answerEach(ids, new Map(held.map((one) => [one.id, one])), answers, ({ isAsked }) =>
    isAsked ? undefined : { code: 'not_subscribed', message: notAskedFor },
  )
}

const answers = numbered({ zh: '推送记录', en: 'Message' })

export const webhookMessageVerbs = [
  defineVerb(webhookVerbs.replay, {
    rows: { of: 'webhookMessage', tag, walk: messageWalk },
    run: plain(replayMessages),
  }),
]
