import { pageOnly } from '../core/http/http-contract.ts'
import { exactCount, outcomes, personalView, revealBody, tabCounts } from '../core/lists/list-contract.ts'
import { blacklistPage, blacklistQuery, historyPage } from './buyers/contract.ts'
import { copyInput, createAnswer, createInput, orderReport, orderSheetInput } from './create/own-contract.ts'
import { giftDryRun, giftDryRunInput, giftRules, giftRulesInput } from './gifts/contract.ts'
import { orderFilter, orderList, orderListQuery } from './list/contract.ts'
import { mergePage, mergeQuery } from './merge/merge-contract.ts'
import { memoInput } from './platform-changes/contract.ts'
import { shipOverInput } from './refunds/notice-contract.ts'
import {
  checkList,
  dryRunAnswer,
  dryRunInput,
  editInput,
  rulesInput,
  shopRules,
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
  courierRulesInput,
  warehouseRulesInput,
} from './sourcing/choice-contract.ts'
import { splitAnswer, splitInput, splitPlanAnswer, splitPlanInput } from './split/split-contract.ts'
import { orderDetail } from './view/contract.ts'

/** The request and response schemas of every route of this slice; the pages' requests get their types from this table. */
export const ordersApi = {
  'GET /blacklist': { query: blacklistQuery, response: blacklistPage },
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
  'POST /orders/copy': { body: copyInput, response: createAnswer },
  'POST /orders/edit': { body: editInput, response: outcomes },
  'POST /orders/import': { body: orderSheetInput, response: orderReport },
  'POST /orders/ship-over': { body: shipOverInput, response: outcomes },
  'POST /orders/split': { body: splitInput, response: splitAnswer },
}
