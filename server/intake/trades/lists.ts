import { defineList } from '../../core/lists/define.ts'
import type { KeyRing } from '../../lib/seal.ts'
import { tradeRow } from '../contract.ts'
import { tradeHistory, tradeList } from './lists-contract.ts'
import { tradeBound } from './trade-list.ts'
import { tradeRows, tradesOut } from './trade-view-queries.ts'

const boundTo = (ring: KeyRing) => ({
  tag: 'staged-trades',
  row: tradeRow,
  rows: tradeRows,
  sheetRows: tradesOut,
  ...tradeBound(ring),
})

export const trades = (ring: KeyRing) => defineList(tradeList, boundTo(ring))

export const tradeLists = (ring: KeyRing) => [trades(ring), defineList(tradeHistory, boundTo(ring))]
