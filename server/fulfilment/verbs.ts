import type { By } from '../core/access/actor.ts'
import type { Tx } from '../core/db/db.ts'
import { defineRowVerb, defineVerb, plain, rowsOfDeclared, type VerbRows } from '../core/verbs.ts'
import type { SearchParts } from '../orders/list/order-list.ts'
import { orderVerbRows } from '../orders/verbs.ts'
import { againFields, changeInput, giveBackFields, packageFields, waybillInput } from './contract.ts'
import { setPackages } from './desk/set-packages.ts'
import { decisionFields } from './intercepts/aftersale-contract.ts'
import type { InterceptEvent, PutBackEnd } from './intercepts/intercept-lifecycle.ts'
import { intercepts, putBacks } from './intercepts/lists.ts'
import { finishPutBacks } from './intercepts/put-backs.ts'
import { deliveries as deliveryRows } from './lists.ts'
import { decideIntercepts } from './shipping/intercept-verbs.ts'
import { releaseOrders, unreleaseDeliveries } from './shipping/release.ts'
import { unshipDeliveries } from './shipping/unship.ts'
import { setWaybills } from './shipping/waybills.ts'
import { deliveryVerbs, interceptVerbs, putBackVerbs } from './verbs-contract.ts'
import { gatherDeliveries } from './waves/by-hand.ts'
import { waveVerbs } from './waves/verbs.ts'
import { giveBackNumbers } from './waybills/give-back.ts'
import { takeNumbers } from './waybills/take.ts'
import { changeWaybills } from './write-back/change-waybill.ts'
import { adoptPlatformWaybills } from './write-back/platform-waybill.ts'
import { changeVerbs } from './write-back/verbs-contract.ts'
import { writeBackAgain } from './write-back/write-again.ts'

export const deliveryVerbRows: VerbRows = {
  of: 'delivery',
  tag: 'fulfilment',
  walk: rowsOfDeclared(deliveryRows, 'no'),
}

const interceptRows: VerbRows = {
  of: 'intercept',
  tag: 'fulfilment',
  walk: rowsOfDeclared(intercepts, 'delivery_no'),
}

const putBackRows: VerbRows = {
  of: 'putBack',
  tag: 'fulfilment',
  walk: rowsOfDeclared(putBacks, 'delivery_no'),
}

const decide = (event: InterceptEvent) => ({
  rows: interceptRows,
  input: decisionFields,
  run: (tx: Tx, ids: readonly string[], { note }: { note?: string }, by: By) =>
    decideIntercepts(tx, ids, { event, note: note?.trim() }, by),
})

const finish = (state: PutBackEnd) => ({
  rows: putBackRows,
  run: (tx: Tx, ids: readonly string[], _: object, by: By) => finishPutBacks(tx, ids, state, by),
})

export const fulfilmentVerbs = (parts: SearchParts) => [
  defineVerb(deliveryVerbs.release, {
    rows: orderVerbRows(parts),
    run: plain(releaseOrders),
  }),
  defineVerb(deliveryVerbs.unrelease, { rows: deliveryVerbRows, run: plain(unreleaseDeliveries) }),
  defineVerb(deliveryVerbs.takeNumbers, { rows: deliveryVerbRows, run: plain(takeNumbers) }),
  defineVerb(deliveryVerbs.packages, {
    rows: deliveryVerbRows,
    input: packageFields,
    run: (tx, ids, { packages }, by) => setPackages(tx, ids, packages, by),
  }),
  defineVerb(deliveryVerbs.wave, { rows: deliveryVerbRows, run: plain(gatherDeliveries) }),
  defineVerb(deliveryVerbs.giveBackNumbers, {
    rows: deliveryVerbRows,
    input: giveBackFields,
    run: (tx, ids, { courier = '' }, by) => giveBackNumbers(tx, ids, courier, by),
  }),
  defineRowVerb(deliveryVerbs.waybills, {
    rows: deliveryVerbRows,
    body: waybillInput,
    run: (tx, { rows }, by) =>
      setWaybills(
        tx,
        rows.map(({ id, courier, waybillNo, packageNos = [] }) => ({
          deliveryId: id,
          courier,
          waybillNo: waybillNo.toUpperCase(),
          packageNos: packageNos.map((no) => no.toUpperCase()),
        })),
        by,
      ),
  }),
  defineVerb(deliveryVerbs.unship, { rows: deliveryVerbRows, run: plain(unshipDeliveries) }),
  defineVerb(deliveryVerbs.writeBackAgain, {
    rows: deliveryVerbRows,
    input: againFields,
    run: (tx, ids, { reason }, by) => writeBackAgain(tx, ids, reason, by),
  }),
  defineVerb(deliveryVerbs.adoptWaybill, { rows: deliveryVerbRows, run: plain(adoptPlatformWaybills) }),
  defineRowVerb(changeVerbs.changeWaybill, {
    rows: deliveryVerbRows,
    body: changeInput,
    run: (tx, { rows, reason }, by) =>
      changeWaybills(
        tx,
        rows.map(({ id, courier, waybillNo }) => ({
          deliveryId: id,
          courier,
          waybillNo: waybillNo.toUpperCase(),
        })),
        reason.trim(),
        by,
      ),
  }),
  defineVerb(interceptVerbs.pull, decide('pull')),
  defineVerb(interceptVerbs.ask, decide('ask')),
  defineVerb(interceptVerbs.return, decide('return')),
  defineVerb(interceptVerbs.miss, decide('miss')),
  defineVerb(interceptVerbs.money, decide('money')),
  defineVerb(putBackVerbs.done, finish('done')),
  defineVerb(putBackVerbs.unpicked, finish('unpicked')),
  ...waveVerbs,
]
