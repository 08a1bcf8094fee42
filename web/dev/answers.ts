import { me, permissions, shops, connectors } from './people.ts'
import { trades, tradeDetail } from './trades.ts'
import { more } from './more.ts'

export type Ask = { url: URL; query: Record<string, string>; body: Record<string, unknown>; id: string }
export type Answer = [method: string, pattern: RegExp, answer: (ask: Ask) => unknown]

const c = (count: number) => ({ count: Math.min(count, 10_000), capped: count > 10_000 })
const startedAt = new Date(Date.now() - 60_000).toISOString()
const batch = {
  id: '1', no: 'B-2048', action: 'trades.convert', actionName: { zh: '批量转单', en: 'Batch convert' }, state: 'running', total: 12_480, done: 7_318, succeeded: 7_204, refused: 114,
  reasons: [{ code: 'refund_open', count: 98 }, { code: 'platform_hold', count: 16 }], startedAt, endedAt: null, createdBy: '林晓',
}

export const answers: Answer[] = [
  ['GET', /^\/me$/, () => me],
  ['GET', /^\/shops$/, () => ({ rows: shops, next: null })],
  ['GET', /^\/connectors$/, () => ({ rows: connectors })],
  ['GET', /^\/views$/, () => ({ rows: [{ id: '1', list: 'staged-trades', name: '两天内要发', query: 'shop=1,2,3,4,5,6&status=paid&paid=3d&type=normal,presale', shared: false, own: true, owner: '林晓' }] })],
  ['GET', /^\/batches$/, () => ({ rows: [batch], next: null })],
  ['GET', /^\/batches\/(\d+)$/, () => batch],
  ['GET', /^\/batches\/(\d+)\/items$/, () => ({ rows: trades.slice(0, 6).map((t) => ({ id: t.id, code: 'refund_open', ref: t.tid, message: null })), next: null })],
  ['GET', /^\/overview\/alarms$/, () => ({ count: 3, worst: 'bad' })],
  ['GET', /^\/staged-trades\/counts$/, () => ({ tabs: { staged: c(12_480), blocked: c(1946), fetching: c(312), processed: c(20_000), history: c(50_000) } })],
  ['GET', /^\/staged-trades\/count$/, () => ({ count: 12_480 })],
  ['GET', /^\/staged-trades$/, ({ query }) => ({ rows: query['after'] ? trades.map((t) => ({ ...t, id: `${t.id}${query['after']}` })) : trades, next: 'n' + Math.random() })],
  ['GET', /^\/staged-trades\/(\d+)/, ({ id }) => tradeDetail(id)],
  ['POST', /^\/staged-trades\/(\d+)\/reveal$/, () => ({ nick: 'tb_1', name: '欧阳明', mobile: '15912340386', phone: '', province: '广东省', city: '深圳市', district: '南山区', town: '粤海街道', address: '科技园 8 号', zip: '' })],
  ['POST', /^\/staged-trades\/(?:convert|process|remove|unprocess)$/, ({ body }) => ({ results: (body['ids'] as string[]).map((id, i) => (i % 3 === 2 ? { id, done: false, code: 'refund_open' } : { id, done: true, ref: 'SO261124018399' })) })],
  ['POST', /^\/batches$/, () => ({ id: '1', no: 'B-2049' })],
  ['PATCH', /^\/me$/, () => null],
  ...more(permissions),
]
