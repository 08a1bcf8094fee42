import type { Scope } from '../../core/access/actor.ts'
import type { Database } from '../../core/db/db.ts'
import type { Language } from '../../core/lists/declare-contract.ts'
import type { LocalizedPair } from '../../lib/localized-text.ts'
import { listShops } from '../../shops/shops.ts'
import { presentRights } from '../../users/current-rights.ts'
import { newSecret, secretHash } from '../../users/sign-in/secret-hash.ts'
import { deliver, type MailParts, plainName, stopLink } from '../deliver.ts'
import { readFigures } from '../figure-queries.ts'
import { figureWords } from '../figure-rules.ts'
import { askedOf } from '../figures.ts'
import { measured, reports } from '../report-rules.ts'
import { ended } from '../sending.ts'
import { wordIn } from '../sheet.ts'
import {
  beginDueNotices,
  type DueNotices,
  type DueThreshold,
  endNotices,
  insertNotices,
  takeDueThreshold,
} from './threshold-queries.ts'
import {
  isBeyond,
  isThresholdFigure,
  measureOfThreshold,
  type ThresholdFigure,
  thresholds,
  thresholdWords,
} from './threshold-rules.ts'

/** Looks at all thresholds that were not looked at in this hour, each in a transaction of its own. Returns how many. */
export async function lookAtThresholds({ db }: Pick<MailParts, 'db'>, signal?: AbortSignal): Promise<number> {
  for (let looked = 0; ; looked += 1) {
    if (signal?.aborted) return looked
    const taken = await db.transaction().execute(async (tx) => {
      const due = await takeDueThreshold(tx)
      if (due !== undefined) await insertNotices(tx, due, await shopsBeyond(tx, due))
      return due !== undefined
    })
    if (!taken) return looked
  }
}

/** A scope has fewer shops than this. */
const everyShop = 1_000_000

/** Returns the shops of the user's present scope whose figure of the day is beyond the bound. */
async function shopsBeyond(db: Database, due: DueThreshold): Promise<DueNotices['shops']> {
  const { figure, day, shopId, bound, leastCount } = due
  const scope = await scopeOf(db, due)
  if (scope === undefined || !isThresholdFigure(figure)) return []
  const { report, counted } = thresholds[figure]
  const measure = measureOfThreshold(figure)
  const { columns } = reports[report]
  const asked = askedOf(
    { report, from: day, to: day, rows: 'shop', ...(shopId === null ? {} : { shop: shopId }) },
    scope,
  )
  const { rows } = await readFigures(db, asked, measure, everyShop)
  const sums = new Map(rows.map((row) => [row.key, row.sums]))
  const shops = (await listShops(db, scope)).filter(({ id, enabled }) => enabled && (shopId ?? id) === id)
  return shops.flatMap(({ id }) => {
    // A shop without a row has sold nothing.
    const cell = sums.get(id) ?? columns.map(() => 0)
    const value = measured(measure, columns, cell)
    const count = counted.columns.reduce((total, name) => total + (cell[columns.indexOf(name)] ?? 0), 0)
    if (value === null || count < leastCount || !isBeyond(figure, value, bound)) return []
    return [{ shopId: id, value, counted: count }]
  })
}

/** Returns the scope that the user has now; undefined: the user may not read reports. */
async function scopeOf(db: Database, { userId }: Pick<DueThreshold, 'userId'>): Promise<Scope | undefined> {
  const user = { kind: 'user', id: userId } as const
  const rights = (await presentRights(db, [user]))(user)
  return rights?.permissions.has('reports.read') ? rights.scope : undefined
}

/** Sends the notices that are due, one message for each threshold and day. Each is begun in a transaction of its own before it is sent, as a report is. */
export async function sendDueNotices(parts: MailParts, signal?: AbortSignal): Promise<number> {
  for (let sent = 0; ; sent += 1) {
    if (signal?.aborted) return sent
    const stop = newSecret()
    const due = await parts.db.transaction().execute((tx) => beginDueNotices(tx, secretHash(stop)))
    if (due === undefined) return sent
    const end = await ended(send(parts, due, stop), languageOf(due))
    if (end.error !== '') parts.log.warn({ threshold: due.id }, 'a notice of a report was not sent')
    await endNotices(parts.db, due, end)
  }
}

const languageOf = ({ language }: Pick<DueNotices, 'language'>): Language => (language === 'en' ? 'en' : 'zh')

/** Returns why it could not be sent; empty: it was sent. */
async function send(parts: MailParts, due: DueNotices, word: string): Promise<string> {
  const { figure } = due
  const scope = await scopeOf(parts.db, due)
  if (scope === undefined || !isThresholdFigure(figure)) return 'forbidden'
  const shops = await listShops(parts.db, scope)
  const named = due.shops.flatMap((row) => {
    const shop = shops.find(({ id }) => id === row.shopId)
    return shop ? [{ ...row, name: shop.name }] : []
  })
  if (named.length === 0) return 'forbidden'
  const { title, lines } = textOf({ ...due, figure, named }, parts.publicUrl)
  const stop = stopLink(parts.publicUrl, word)
  return deliver(parts, due, {
    mail: () => ({
      title,
      text: [title, '', ...lines, `${wordIn(offWords, languageOf(due))}: ${stop}`].join('\n'),
      stop,
    }),
    robot: () => ({ title, lines }),
  })
}

/** A message names this many shops; the link leads to the others. */
const shopsMost = 10

const offWords: LocalizedPair = ['退订', 'Unsubscribe']

type Told = Pick<DueNotices, 'bound' | 'day' | 'language'> & {
  figure: ThresholdFigure
  named: (DueNotices['shops'][number] & { name: string })[]
}

function textOf({ figure, bound, day, language, named }: Told, publicUrl: string) {
  const say = (words: LocalizedPair) => wordIn(words, languageOf({ language }))
  const { report, measure, counted } = thresholds[figure]
  const shown = named.slice(0, shopsMost).map(({ name, value, counted: count }) => {
    const figures = [figureWords(measureOfThreshold(figure), value), figureWords({ kind: 'count' }, count)]
    const [own = '', of = ''] = figures.map(say)
    return say([
      `${plainName(name)}：${own}（${counted.words[0]} ${of}）`,
      `${plainName(name)}: ${own} (${counted.words[1].toLowerCase()}: ${of})`,
    ])
  })
  const more = named.length - shown.length
  const query = new URLSearchParams({ report, from: day, to: day, rows: 'shop', by: measure })
  const words = say(thresholdWords(figure, bound))
  return {
    title: say([`【三易告警】${words}`, `[Sanyi alarm] ${words}`]),
    lines: [
      say([`${day}，到现在`, `${day}, until now`]),
      ...shown,
      ...(more > 0 ? [say([`另有 ${more} 家，见链接`, `${more} more behind the link`])] : []),
      ...['', `${publicUrl}/reports?${query}`],
    ],
  }
}
