import { pageOnly } from '../core/http/http-contract.ts'
import {
  exactCount,
  idsInput,
  outcomes,
  personalView,
  revealBody,
  tabCounts,
} from '../core/lists/list-contract.ts'
import { blacklistInput, blacklistPage, blacklistQuery, historyPage } from './buyers/contract.ts'
import { copyInput, createAnswer, createInput, orderReport, orderSheetInput } from './create/own-contract.ts'
import {
  addGiftInput,
  giftDryRun,
  giftDryRunInput,
  giftRules,
  giftRulesInput,
  removeGiftInput,
} from './gifts/contract.ts'
import { holdInput, liftHoldInput, shipAfterInput } from './holds/contract.ts'
import { orderFilter, orderList, orderListQuery } from './list/contract.ts'
import { mergePage, mergeQuery } from './merge/merge-contract.ts'
import { memoInput, memosInput, resolveChangesInput } from './platform-changes/contract.ts'
import { shipOverInput } from './refunds/notice-contract.ts'
import {
  checkList,
  courierInput,
  dryRunAnswer,
  dryRunInput,
  editInput,
  rulesInput,
  shopRules,
  urgentInput,
  waiveInput,
} from './review/desk-contract.ts'
import {
  extraRefundAnswer,
  extraRefundFilter,
  extraRefundInput,
  extraRefundList,
  extraRefundListQuery,
} from './settle/contract.ts'
import {
  choiceDryRun,
  choiceDryRunInput,
  choiceRules,
  chooseInput,
  courierRulesInput,
  warehouseInput,
  warehouseRulesInput,
} from './sourcing/choice-contract.ts'
import {
  splitAnswer,
  splitByInput,
  splitInput,
  splitPlanAnswer,
  splitPlanInput,
} from './split/split-contract.ts'
import { voidInput } from './status/contract.ts'
import { orderDetail } from './view/contract.ts'

/** What each request of this slice takes and answers: the pages' requests are typed by it. */
export const ordersApi = {
  'GET /blacklist': { query: blacklistQuery, response: blacklistPage },
  'POST /blacklist/remove': { body: idsInput, response: outcomes },
  'GET /choice-rules': { response: choiceRules },
  'POST /choice-rules/dry-run': { body: choiceDryRunInput, response: choiceDryRun },
  'PUT /choice-rules/courier': { body: courierRulesInput },
  'PUT /choice-rules/warehouse': { body: warehouseRulesInput },
  'GET /confirm-checks': { response: checkList },
  'GET /confirm-rules/:id': { response: shopRules },
  'POST /confirm-rules/:id/dry-run': { body: dryRunInput, response: dryRunAnswer },
  'PUT /confirm-rules/:id': { body: rulesInput },
  'GET /extra-refunds': { query: extraRefundListQuery, response: extraRefundList },
  'GET /extra-refunds/counts': { query: extraRefundFilter, response: tabCounts },
  'POST /extra-refunds': { body: extraRefundInput, response: extraRefundAnswer },
  'GET /gift-rules': { response: giftRules },
  'POST /gift-rules/dry-run': { body: giftDryRunInput, response: giftDryRun },
  'PUT /gift-rules': { body: giftRulesInput },
  'GET /order-merges': { query: mergeQuery, response: mergePage },
  'GET /orders': { query: orderListQuery, response: orderList },
  'GET /orders/:id': { response: orderDetail },
  'GET /orders/:id/history': { query: pageOnly, response: historyPage },
  'GET /orders/count': { query: orderFilter, response: exactCount },
  'GET /orders/counts': { query: orderFilter, response: tabCounts },
  'POST /orders': { body: createInput, response: createAnswer },
  'POST /orders/:id/memo': { body: memoInput },
  'POST /orders/:id/reveal': { body: revealBody, response: personalView },
  'POST /orders/:id/split-plan': { body: splitPlanInput, response: splitPlanAnswer },
  'POST /orders/blacklist': { body: blacklistInput, response: outcomes },
  'POST /orders/book-payment': { body: idsInput, response: outcomes },
  'POST /orders/choose': { body: chooseInput, response: outcomes },
  'POST /orders/confirm': { body: idsInput, response: outcomes },
  'POST /orders/copy': { body: copyInput, response: createAnswer },
  'POST /orders/courier': { body: courierInput, response: outcomes },
  'POST /orders/edit': { body: editInput, response: outcomes },
  'POST /orders/force-unlock': { body: idsInput, response: outcomes },
  'POST /orders/gifts': { body: idsInput, response: outcomes },
  'POST /orders/gifts/add': { body: addGiftInput, response: outcomes },
  'POST /orders/gifts/remove': { body: removeGiftInput, response: outcomes },
  'POST /orders/hold': { body: holdInput, response: outcomes },
  'POST /orders/import': { body: orderSheetInput, response: orderReport },
  'POST /orders/lock': { body: idsInput, response: outcomes },
  'POST /orders/memo': { body: memosInput, response: outcomes },
  'POST /orders/merge': { body: idsInput, response: outcomes },
  'POST /orders/merge-mates': { body: idsInput, response: outcomes },
  'POST /orders/release-hold': { body: liftHoldInput, response: outcomes },
  'POST /orders/restore': { body: idsInput, response: outcomes },
  'POST /orders/settle-differences': { body: resolveChangesInput, response: outcomes },
  'POST /orders/ship-after': { body: shipAfterInput, response: outcomes },
  'POST /orders/ship-over': { body: shipOverInput, response: outcomes },
  'POST /orders/split': { body: splitInput, response: splitAnswer },
  'POST /orders/split-by': { body: splitByInput, response: outcomes },
  'POST /orders/unconfirm': { body: idsInput, response: outcomes },
  'POST /orders/unlock': { body: idsInput, response: outcomes },
  'POST /orders/unmerge': { body: idsInput, response: outcomes },
  'POST /orders/unsplit': { body: idsInput, response: outcomes },
  'POST /orders/urgent': { body: urgentInput, response: outcomes },
  'POST /orders/void': { body: voidInput, response: outcomes },
  'POST /orders/waive': { body: waiveInput, response: outcomes },
  'POST /orders/warehouse': { body: warehouseInput, response: outcomes },
}
