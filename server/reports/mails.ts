import { type Running, repeat } from '../core/jobs/engine.ts'
import type { Language } from '../core/lists/declare-contract.ts'
import { minuteMs } from '../lib/time.ts'
import { presentRights } from '../users/current-rights.ts'
import { newSecret, secretHash } from '../users/sign-in/secret-hash.ts'
import type { FiguresQuery } from './contract.ts'
import { deliver, type MailParts, stopLink } from './deliver.ts'
import { mailBody } from './mail-body.ts'
import { daysIn, isReport, plusDays, type Step } from './report-rules.ts'
import { robotLines } from './robot-body.ts'
import { ended } from './sending.ts'
import { reportTable, titleOf } from './sheet.ts'
import { beginDueMail, type DueMail, endMail } from './subscription-queries.ts'
import { lookAtThresholds, sendDueNotices } from './thresholds/thresholds.ts'

/** Sends the reports and notices that are due every minute, until stopped. Any number of processes may do so: each mail is sent by one. */
export function startReportMails(parts: MailParts): Running {
  const stopping = new AbortController()
  const turn = async () => {
    await sendDueMails(parts, stopping.signal)
    await lookAtThresholds(parts, stopping.signal)
    await sendDueNotices(parts, stopping.signal)
  }
  const loop = { name: 'report mails', signal: stopping.signal, everyMs: minuteMs }
  const sending = repeat(parts.log, loop, turn)
  return {
    async stop() {
      stopping.abort()
      await sending
    },
  }
}

/**
 * Sends all mails that are due. Each is begun in a transaction of its own before it is sent, so that two processes do not send the same one. One
 * whose process ended while sending goes again, because a second copy does less harm than none.
 */
export async function sendDueMails(parts: MailParts, signal?: AbortSignal): Promise<number> {
  for (let sent = 0; ; sent += 1) {
    if (signal?.aborted) return sent
    const stop = newSecret()
    const due = await parts.db.transaction().execute((tx) => beginDueMail(tx, secretHash(stop)))
    if (due === undefined) return sent
    const end = await ended(send(parts, due, stop), languageOf(due))
    if (end.error !== '') parts.log.warn({ subscription: due.id }, 'a report was not sent')
    await endMail(parts.db, due, end)
  }
}

const languageOf = ({ language }: DueMail): Language => (language === 'en' ? 'en' : 'zh')

/** Sends one mail or message with the rights that its user has now. Returns why it could not be made; empty: it was sent. */
async function send(parts: MailParts, due: DueMail, stop: string): Promise<string> {
  const { db, publicUrl } = parts
  const user = { kind: 'user', id: due.userId } as const
  const rights = (await presentRights(db, [user]))(user)
  if (!rights?.permissions.has('reports.read') || !isReport(due.report)) return 'forbidden'
  const language = languageOf(due)
  const { step, ...days } = spanOf(due)
  const query: FiguresQuery = {
    ...{ report: due.report, ...days, rows: due.rowKind, by: due.measure, step },
    ...(due.shopId === null ? {} : { shop: due.shopId }),
  }
  const table = await reportTable(db, query, { scope: rights.scope, language })
  const title = `${titleOf(due.report, table.measure, language)} ${days.from === days.to ? days.from : `${days.from} ~ ${days.to}`}`
  const search = new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)]))
  const links = {
    open: `${publicUrl}/reports?${search}`,
    stop: stopLink(publicUrl, stop),
  }
  return deliver(parts, due, {
    mail: () => ({ title, ...mailBody(title, table, { language, links }), stop: links.stop }),
    robot: () => ({ title, lines: robotLines(table, { language, link: links.open, days: daysIn(days) }) }),
  })
}

/** The days before the day on which the mail is due. */
export function spanOf({ every, period }: Pick<DueMail, 'every' | 'period'>): {
  from: string
  to: string
  step: Step
} {
  const to = plusDays(period, -1)
  if (every === 'month') return { from: `${to.slice(0, 7)}-01`, to, step: 'week' }
  return { from: every === 'week' ? plusDays(to, -6) : to, to, step: 'day' }
}
