import { type By, type Scope, wholeScope } from '../../core/access/actor.ts'
import { audit } from '../../core/access/audit.ts'
import { inWarehouses } from '../../core/access/scope.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import { AppError } from '../../errors.ts'
import { sharedNow } from '../../lib/clock.ts'
import { madeByRules } from './lifecycle.ts'
import {
  insertWaves,
  lockPlanning,
  observeTimes,
  replaceRules,
  rulesOf,
  waitingUnits,
} from './plan-queries.ts'
import { dueWaves, type PlannedWave, type PlanRule, planWaves } from './plan-rules.ts'

type Made = { waves: number; orders: number }

/**
 * 建波次: makes waves of the parcels that wait in the warehouse, by its rules. Two plannings at once run one after the other, so each
 * parcel gets one wave.
 */
export async function makeWaves(tx: Tx, warehouseId: string, { actor, scope }: By): Promise<Made> {
  assertWarehouse(scope, warehouseId)
  await lockPlanning(tx, warehouseId)
  const rules = await rulesOf(tx, warehouseId)
  const units = await waitingUnits(tx, warehouseId, scope)
  const { waves } = planWaves(units, rules, sharedNow())
  return insert(tx, warehouseId, waves, actor.name)
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
  return insert(tx, warehouseId, dueWaves(planWaves(units, rules, sharedNow()), timed), madeByRules)
}

async function insert(tx: Tx, warehouseId: string, waves: readonly PlannedWave[], by: string): Promise<Made> {
  if (waves.length > 0) await insertWaves(tx, warehouseId, waves, by)
  return { waves: waves.length, orders: waves.reduce((sum, wave) => sum + wave.units.length, 0) }
}

/** Returns the rules of a warehouse, and how many parcels wait for each of them. */
export async function viewRules(db: Database, warehouseId: string, scope: Scope) {
  assertWarehouse(scope, warehouseId)
  const rules = await rulesOf(db, warehouseId)
  const units = await waitingUnits(db, warehouseId, scope)
  const { waiting, unmatched } = planWaves(units, rules, sharedNow())
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
  await replaceRules(tx, warehouseId, rules)
  await audit(tx, {
    ...{ actor, request, action: 'wave_rules.change', subject: { type: 'warehouse', id: warehouseId } },
    detail: { rules: rules.length },
  })
}

function assertWarehouse(scope: Scope, warehouseId: string): void {
  if (!inWarehouses(scope, warehouseId))
    throw new AppError('not_found', { what: { zh: '仓库', en: 'Warehouse' } }, 'warehouseId')
}
