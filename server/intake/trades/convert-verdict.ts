import type { Scope } from '../../core/access/actor.ts'
import { inScope } from '../../core/access/scope.ts'
import { notFound } from '../../core/decide.ts'
import { whyNotConvertible } from '../lifecycle.ts'
import { factsOf, settingsOf } from './convert-facts.ts'
import type { ConvertFacts } from './convertible.ts'

type RefusedTrade = { done: false; code: string; ref?: string }
export type ConvertDecision = 'trade' | 'record' | RefusedTrade

/** Decides what converting does with a locked trade: an order, a record-only order, or a refusal. */
export function decideConversion(
  fact: ConvertFacts | undefined,
  scope: Scope,
  asRecord: boolean,
): ConvertDecision {
  if (!fact || !inScope(scope, fact.shop_id)) return { done: false, ...notFound({ zh: '交易', en: 'Trade' }) }
  if (fact.state === 'converted') return { done: false, code: 'already_converted', ref: fact.order_no }
  if (fact.state === 'processed') return { done: false, code: 'already_processed', ref: fact.state_by }
  if (fact.state === 'fetching') return { done: false, code: 'fetching' }
  const reason = whyNotConvertible(factsOf(fact), settingsOf(fact))
  if (reason === '') return 'trade'
  return reason === 'shipped_elsewhere' && asRecord ? 'record' : { done: false, code: reason }
}
