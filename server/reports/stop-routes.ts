import Type from 'typebox'
import type { Database } from '../core/db/db.ts'
import { failureLimit } from '../core/http/failure-limit.ts'
import type { Routes } from '../core/http/http.ts'
import { sendSmallPage } from '../core/http/small-page.ts'
import type { LocalizedPair, LocalizedText } from '../lib/localized-text.ts'
import { secretHash } from '../users/sign-in/secret-hash.ts'
import { isReport, reports } from './report-rules.ts'
import { stopByHash, subscriptionByHash } from './subscription-queries.ts'
import { stopThresholdByHash, thresholdByHash } from './thresholds/threshold-queries.ts'
import { isThresholdFigure, thresholdWords } from './thresholds/threshold-rules.ts'

const gone: LocalizedText = { zh: '这个链接已失效', en: 'This link is no longer valid' }
const stopped: LocalizedText = { zh: '已退订', en: 'Unsubscribed' }
const button = '<form method="post"><button>退订 Unsubscribe</button></form>'

const options = {
  config: { permission: 'public' },
  schema: {
    hide: true,
    querystring: Type.Object({ word: Type.String({ maxLength: 100 }) }, { additionalProperties: true }),
  },
} as const

/**
 * 退订: the link in a mail, which needs no sign-in; its random word ends this one subscription or threshold and opens nothing else. Programs open links
 * of mails by themselves, so to open it changes nothing: a person presses the button, or a mail program posts to the same address with one
 * click (RFC 8058).
 */
export const stopRoutes: Routes = async (app) => {
  const strangers = failureLimit()
  // Nothing in these bodies is read. Only these routes take them; a page of another site could send one elsewhere.
  for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data'])
    app.addContentTypeParser(type, { parseAs: 'string', bodyLimit: 1024 }, (_, _body, done) => done(null))
  app.get('/api/report-subscriptions/stop', options, async ({ query, ip }, reply) => {
    strangers.assertFew(ip)
    const found = await mailedBy(app.db, secretHash(query.word))
    if (found === undefined) {
      strangers.count(ip)
      return sendSmallPage(reply.code(404), gone)
    }
    if (!found.enabled) return sendSmallPage(reply, stopped)
    const [zh, en] = found.words
    return sendSmallPage(reply, { zh: `不再收《${zh}》的邮件？`, en: `No more mails of “${en}”?` }, button)
  })
  app.post('/api/report-subscriptions/stop', options, async ({ query, ip }, reply) => {
    strangers.assertFew(ip)
    const hash = secretHash(query.word)
    const id = await app.db
      .transaction()
      .execute(async (tx) => (await stopByHash(tx, hash)) ?? stopThresholdByHash(tx, hash))
    if (id !== undefined) return sendSmallPage(reply, stopped)
    strangers.count(ip)
    return sendSmallPage(reply.code(404), gone)
  })
}

/** Returns the words and the state of the subscription or threshold whose mail has this link; undefined: no mail has it. */
async function mailedBy(
  db: Database,
  hash: Buffer,
): Promise<{ words: LocalizedPair; enabled: boolean } | undefined> {
  const subscription = await subscriptionByHash(db, hash)
  if (subscription !== undefined && isReport(subscription.report))
    return { words: reports[subscription.report].words, enabled: subscription.enabled }
  const threshold = await thresholdByHash(db, hash)
  if (threshold === undefined || !isThresholdFigure(threshold.figure)) return undefined
  return { words: thresholdWords(threshold.figure, threshold.bound), enabled: threshold.enabled }
}
