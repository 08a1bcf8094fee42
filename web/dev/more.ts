import type { Answer } from './answers.ts'
import { coverage, overview, runs, tasks } from './overview.ts'
import { orderDetail, orders } from './orders.ts'
import { refundDetail, refunds } from './refunds.ts'

export function more(_permissions: readonly string[]): Answer[] {
  return [
    ['GET', /^\/orders\/counts$/, () => ({ tabs: { all: { count: 10000, capped: true }, unconfirmed: { count: 3206, capped: false }, held: { count: 96, capped: false }, differs: { count: 41, capped: false }, voided: { count: 12, capped: false } } })],
    ['GET', /^\/orders$/, () => ({ rows: orders, next: null })],
    ['GET', /^\/orders\/(\d+)$/, ({ id }) => orderDetail(id)],
    ['GET', /^\/staged-refunds\/counts$/, () => ({ tabs: { open: { count: 86, capped: false }, due: { count: 9, capped: false }, no_original: { count: 3, capped: false }, refusing: { count: 1, capped: false }, processed: { count: 4112, capped: false } } })],
    ['GET', /^\/staged-refunds$/, () => ({ rows: refunds, next: null })],
    ['GET', /^\/staged-refunds\/(\d+)\/refuse-reasons$/, () => ({ reasons: [{ id: '1', text: '商品已打包，即将发出' }, { id: '2', text: '已发货' }], proofNeeded: true })],
    ['GET', /^\/staged-refunds\/(\d+)$/, ({ id }) => refundDetail(id)],
    ['GET', /^\/download-queue\/counts$/, () => ({ tabs: { waiting: { count: 1204, capped: false } }, oldest: null })],
    ['GET', /^\/tasks$/, ({ query }) => ({ rows: tasks.filter((t) => !query['kind'] || t.kind === query['kind']) })],
    ['GET', /^\/task-runs$/, () => ({ rows: runs, next: null })],
    ['GET', /^\/task-runs\/counts$/, () => ({ day: '2026-11-24', states: { done: 2601, failed: 3 }, seen: 1, created: 1, updated: 1, failed: 0, requests: 1 })],
    ['GET', /^\/coverage$/, () => ({ rows: coverage })],
    ['GET', /^\/overview$/, () => overview],
  ]
}
