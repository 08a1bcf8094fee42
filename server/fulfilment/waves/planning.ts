import { type By, type Scope, systemActor, wholeScope } from '../../core/access/actor.ts'
import { audit } from '../../core/access/audit.ts'
import { inWarehouses } from '../../core/access/scope.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import { AppError } from '../../errors.ts'
import { sharedNow } from '../../lib/clock.ts'
import { needsPieces, pickKept } from './kept.ts'
import { madeByRules } from './lifecycle.ts'
import {
  forgetPassedTimes,
  insertWaves,
  lockPlanning,
  observeTimes,
  replaceRules,
  rulesOf,
  waitingUnits,
} from './plan-queries.ts'
import { dueWaves, isAutomatic, type PlannedWave, type PlanRule, planWaves, type Unit } from './plan-rules.ts'

/** `kept`: parcels that were picked without a wave, because their goods lie in baskets of earlier ones; undefined: none. */
type Made = { waves: number; orders: number; kept?: number }

/**
 * 建波次: makes waves of the parcels that wait in the warehouse, by its rules. Two plannings at once run one after the other, so each
 * parcel gets one wave.
 */
export async function makeWaves(tx: Tx, warehouseId: string, by: By): Promise<Made> {
  const { actor, scope } = by
  assertWarehouse(scope, warehouseId)
  await lockPlanning(tx, warehouseId)
  const rules = await rulesOf(tx, warehouseId)
  const units = await waitingUnits(tx, warehouseId, scope)
  const kept = await pickKept(tx, [{ warehouseId, units }], by)
  const { waves } = planWaves(units.filter(needsPieces), rules, sharedNow())
  return insert(tx, { warehouseId, waves, kept }, actor.name)
}

/**
 * 自动建波次: makes the waves of the rules that are due. Rules are asked top-down as always, so parcels of a rule that is not due stay. If two
 * workers run at once, the second finds nothing due.
 */
export async function makeDueWaves(tx: Tx, warehouseId: string): Promise<Made> {
  await lockPlanning(tx, warehouseId)
  const rules = await rulesOf(tx, warehouseId)
  const timed = await observeTimes(tx, warehouseId)
  if (timed.size === 0 && !rules.some(({ enabled, autoOrders }) => enabled && autoOrders !== null))
    return { waves: 0, orders: 0 }
  const units = await waitingUnits(tx, warehouseId, wholeScope)
  const kept = await pickKept(tx, [{ warehouseId, units }], { actor: systemActor, scope: wholeScope })
  const waves = dueWaves(planWaves(units.filter(needsPieces), rules, sharedNow()), timed)
  return insert(tx, { warehouseId, waves, kept }, madeByRules)
}

type Planned = { warehouseId: string; waves: readonly PlannedWave[]; kept: readonly Unit[] }

async function insert(tx: Tx, { warehouseId, waves, kept }: Planned, by: string): Promise<Made> {
  if (waves.length > 0) await insertWaves(tx, warehouseId, waves, by)
  const orders = waves.reduce((sum, wave) => sum + wave.units.length, 0)
  return { waves: waves.length, orders, ...(kept.length > 0 ? { kept: kept.length } : {}) }
}

/** Returns the rules of a warehouse, and how many parcels wait for each of them. */
export async function viewRules(db: Database, warehouseId: string, scope: Scope) {
  assertWarehouse(scope, warehouseId)
  const rules = await rulesOf(db, warehouseId)
  const units = await waitingUnits(db, warehouseId, scope)
  const { waiting, unmatched } = planWaves(units.filter(needsPieces), rules, sharedNow())
  return {
    rows: rules.map((rule) => ({ ...rule, waiting: waiting.get(rule.id) ?? 0 })),
    waiting: units.length,
    unmatched,
  }
}

/** 改规则: replaces the rules of a warehouse. Waves that are there stay. */
export async function saveRules(
  tx: Tx,
  { warehouseId, rules }: { warehouseId: string; rules: readonly Omit<PlanRule, 'id'>[] },
  { actor, scope, request }: By,
): Promise<void> {
  assertWarehouse(scope, warehouseId)
  await lockPlanning(tx, warehouseId)
  const wrong = rules.find((rule) => rule.ordersFrom > rule.ordersTo)
  if (wrong)
    throw new AppError(
      'invalid_input',
      { detail: { zh: `${wrong.name}：最少多于最多`, en: `${wrong.name}: at least is more than at most` } },
      'rules',
    )
  const before = await rulesOf(tx, warehouseId)
  await replaceRules(tx, warehouseId, rules)
  // As long as no rule was automatic the times were not observed, and those that passed meanwhile make no waves.
  if (!before.some(isAutomatic)) await forgetPassedTimes(tx, warehouseId)
  await audit(tx, {
    ...{ actor, request, action: 'wave_rules.change', subject: { type: 'warehouse', id: warehouseId } },
    detail: { rules: rules.length },
  })
}

function assertWarehouse(scope: Scope, warehouseId: string): void {
  if (!inWarehouses(scope, warehouseId))
    throw new AppError('not_found', { what: { zh: '仓库', en: 'Warehouse' } }, 'warehouseId')
}
