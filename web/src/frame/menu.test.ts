import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listingList } from '../../../server/catalog/lists-contract.ts'
import { actionList } from '../../../server/core/outbox/lists-contract.ts'
import { billTradeList, extraRefundList, settlementList } from '../../../server/finance/lists-contract.ts'
import { interceptList, putBackList } from '../../../server/fulfilment/intercepts/lists-contract.ts'
import { deliveryList } from '../../../server/fulfilment/lists-contract.ts'
import { waveList } from '../../../server/fulfilment/waves/lists-contract.ts'
import { afterSalesList } from '../../../server/intake/aftersales/lists-contract.ts'
import { queueList } from '../../../server/intake/downloads/lists-contract.ts'
import { refundList } from '../../../server/intake/refunds/lists-contract.ts'
import { tradeList } from '../../../server/intake/trades/lists-contract.ts'
import { countTaskList } from '../../../server/inventory/counting/lists-contract.ts'
import { documentList } from '../../../server/inventory/lists-contract.ts'
import { orderList } from '../../../server/orders/list/lists-contract.ts'
import { parcelList, returnList } from '../../../server/returns/lists-contract.ts'
import { stockSyncList } from '../../../server/stock-sync/lists-contract.ts'
import { menuPages } from './menu.ts'

type List = { path: string; filters: Readonly<Record<string, { kind: string }>> }
const lists: readonly List[] = [
  ...[listingList, actionList, billTradeList, extraRefundList, settlementList, interceptList, putBackList],
  ...[deliveryList, waveList, afterSalesList, queueList, refundList, tradeList, countTaskList, documentList],
  ...[orderList, parcelList, returnList, stockSyncList],
]

test('each count of the menu names the chosen shops as its list does, or has none', () => {
  const wrong = menuPages.flatMap(({ counted, shopKey = 'shop' }) => {
    if (!counted) return []
    const list = lists.find(({ path }) => path === counted)
    const key = Object.entries(list?.filters ?? {}).find(([, { kind }]) => kind === 'shops')?.[0]
    return list && (key ?? '') === shopKey ? [] : [`${counted}: ${key}`]
  })
  assert.deepEqual(wrong, [])
})
