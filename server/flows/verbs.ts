import { defineVerb, plain } from '../core/verbs.ts'
import { type CheckRefunds, checkRefundsBeforeShipping } from '../fulfilment/asking/asking.ts'
import { deliveryVerbRows } from '../fulfilment/verbs.ts'
import { deliveryVerbs } from '../fulfilment/verbs-contract.ts'
import { convertFields } from '../intake/contract.ts'
import { tradeVerbRows } from '../intake/verbs.ts'
import { tradeVerbs } from '../intake/verbs-contract.ts'
import type { KeyRing } from '../lib/seal.ts'
import { convertTrades } from './convert-trade.ts'
import { shipDeliveries } from './ship.ts'

/** `check`: checks refunds on the platforms before shipping; undefined: no platform is called. */
export const flowVerbs = (ring: KeyRing, check?: CheckRefunds) => [
  defineVerb(tradeVerbs.convert, {
    rows: tradeVerbRows(ring),
    input: convertFields,
    run: (tx, ids, { asRecord = false }, by) => convertTrades(tx, ids, by, { asRecord }),
  }),
  defineVerb(deliveryVerbs.ship, {
    rows: deliveryVerbRows,
    before: check && ((db, ids, scope) => checkRefundsBeforeShipping(db, check, ids, scope)),
    run: plain(shipDeliveries),
  }),
]
