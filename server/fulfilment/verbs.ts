import type { By } from '../core/access/actor.ts'
import type { Tx } from '../core/db/db.ts'
import { defineVerb, plain, rowsOfDeclared, rowsOfList, type VerbRows } from '../core/verbs.ts'
import type { SearchParts } from '../orders/list/order-list.ts'
import { orderVerbRows } from '../orders/verbs.ts'
import { type CheckRefunds, checkRefundsBeforeShipping } from './asking/asking.ts'
import { againFields } from './contract.ts'
import { decisionFields, interceptFilter, putBackFilter } from './intercepts/aftersale-contract.ts'
import { interceptQuery, interceptTable, putBackQuery, putBackTable } from './intercepts/aftersale-lists.ts'
import { deliveryNumbers } from './intercepts/aftersale-view.ts'
import type { InterceptEvent, PutBackEnd } from './intercepts/intercept-lifecycle.ts'
import { decideIntercepts } from './intercepts/intercept-verbs.ts'
import { finishPutBacks } from './intercepts/put-backs.ts'
import { deliveries as deliveryRows } from './lists.ts'
import { adoptPlatformWaybills } from './platform-waybill.ts'
import { releaseOrders, unreleaseDeliveries } from './release.ts'
import { shipDeliveries, unshipDeliveries } from './ship.ts'
import { deliveryVerbs, interceptVerbs, putBackVerbs } from './verbs-contract.ts'
import { writeBackAgain } from './write-again.ts'

const deliveries: VerbRows = {
  of: 'delivery',
  tag: 'fulfilment',
  walk: rowsOfDeclared(deliveryRows, 'no'),
}

const intercepts: VerbRows = {
  of: 'intercept',
  tag: 'fulfilment',
  walk: rowsOfList({
    filter: interceptFilter,
    table: interceptTable,
    query: (filter, scope) => interceptQuery(filter, scope, 'createdAt'),
    numbers: (db, ids) => deliveryNumbers(db, interceptTable.name, ids),
  }),
}

const putBacks: VerbRows = {
  of: 'putBack',
  tag: 'fulfilment',
  walk: rowsOfList({
    filter: putBackFilter,
    table: putBackTable,
    query: (filter, scope) => putBackQuery(filter, scope, 'createdAt'),
    numbers: (db, ids) => deliveryNumbers(db, putBackTable.name, ids),
  }),
}

const decide = (event: InterceptEvent) => ({
  rows: intercepts,
  input: decisionFields,
  run: (tx: Tx, ids: readonly string[], { note }: { note?: string }, by: By) =>
    decideIntercepts(tx, ids, { event, note: note?.trim() }, by),
})

const finish = (state: PutBackEnd) => ({
  rows: putBacks,
  run: (tx: Tx, ids: readonly string[], _: object, by: By) => finishPutBacks(tx, ids, state, by),
})

/** `check`: asks the platforms for open refunds before goods leave. */
export const fulfilmentVerbs = (parts: SearchParts, check?: CheckRefunds) => [
  defineVerb(deliveryVerbs.release, {
    rows: orderVerbRows(parts),
    run: plain(releaseOrders),
  }),
  defineVerb(deliveryVerbs.unrelease, { rows: deliveries, run: plain(unreleaseDeliveries) }),
  defineVerb(deliveryVerbs.ship, {
    rows: deliveries,
    before: check && ((db, ids, scope) => checkRefundsBeforeShipping(db, check, ids, scope)),
    run: plain(shipDeliveries),
  }),
  defineVerb(deliveryVerbs.unship, { rows: deliveries, run: plain(unshipDeliveries) }),
  defineVerb(deliveryVerbs.writeBackAgain, {
    rows: deliveries,
    input: againFields,
    run: (tx, ids, { reason }, by) => writeBackAgain(tx, ids, reason, by),
  }),
  defineVerb(deliveryVerbs.adoptWaybill, { rows: deliveries, run: plain(adoptPlatformWaybills) }),
  defineVerb(interceptVerbs.pull, decide('pull')),
  defineVerb(interceptVerbs.ask, decide('ask')),
  defineVerb(interceptVerbs.return, decide('return')),
  defineVerb(interceptVerbs.miss, decide('miss')),
  defineVerb(interceptVerbs.money, decide('money')),
  defineVerb(putBackVerbs.done, finish('done')),
  defineVerb(putBackVerbs.unpicked, finish('unpicked')),
]
