/**
 * The values of a new gift rule, which fits every order. `base` `order`: the limits of amount and quantity apply to the whole order, not
 * only to the named goods.
 */
export const asksNothing = {
  enabled: true,
  time: 'paid' as const,
  from: null,
  to: null,
  shops: [],
  minFen: null,
  maxFen: null,
  minQuantity: null,
  maxQuantity: null,
  skus: [],
  listings: [],
  match: 'any' as const,
  base: 'order' as const,
  perFen: null,
  perQuantity: null,
  maxTimes: null,
  firstOrders: null,
  perBuyer: null,
  exclusive: false,
  whenOut: 'skip' as const,
}
