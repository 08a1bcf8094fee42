import { type RawBuilder, sql } from 'kysely'
import { couriers } from '../../connectors/couriers.ts'
import type { Actor, Scope } from '../../core/access/actor.ts'
import { audit } from '../../core/access/audit.ts'
import { concerns } from '../../core/access/scope.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row as TableRow } from '../../core/db/rows.ts'
import { wrong } from '../../core/lists/define-query.ts'
import { AppError } from '../../errors.ts'
import { activeWarehouses, warehouseNames } from '../../inventory/relations.ts'
import { sharedNow } from '../../lib/clock.ts'
import type { ChoiceRules } from './choice-contract.ts'
import {
  type CourierRule,
  compileSourcingRules,
  type Reach,
  type SourcingRules,
  type WarehouseRule,
} from './choose.ts'

type Kind = 'warehouse' | 'courier'
type Saved = Omit<ChoiceRow, 'updatedAt'> & { updatedAt: ChoiceRow['updatedAt'] | null }
type ChoiceRow = TableRow<'choice_rules', 'version' | 'updatedBy' | 'updatedAt'>
type Stored = {
  warehouse: { rules: WarehouseRule[] } & Saved
  courier: { rules: CourierRule[]; reach: Record<string, string[]> } & Saved
}

export type Draft = {
  warehouseRules?: readonly WarehouseRule[] | undefined
  courierRules?: readonly CourierRule[] | undefined
  reach?: Reach | undefined
}

const never: Saved = { version: 0, updatedBy: '', updatedAt: null }

async function storedRules(db: Database | Tx): Promise<Stored> {
  type Row = Saved & TableRow<'choice_rules', 'kind' | 'rules'> & { reach: Record<string, string[]> }
  const found = await sql<Row>`
    select kind, rules, reach, version, updated_by as "updatedBy", updated_at as "updatedAt" from choice_rules`.execute(
    db,
  )
  const row = (kind: Kind) => found.rows.find((one) => one.kind === kind)
  const saved = (kind: Kind): Saved => {
    const { version, updatedBy, updatedAt } = row(kind) ?? never
    return { version, updatedBy, updatedAt }
  }
  // The casts are safe, because stored rules passed the schema of the route that saved them.
  return {
    warehouse: { rules: (row('warehouse')?.rules ?? []) as WarehouseRule[], ...saved('warehouse') },
    courier: {
      rules: (row('courier')?.rules ?? []) as CourierRule[],
      reach: row('courier')?.reach ?? {},
      ...saved('courier'),
    },
  }
}

export async function currentSourcingRules(db: Database | Tx, draft: Draft = {}): Promise<SourcingRules> {
  const { warehouse, courier } = await storedRules(db)
  const active = await sql<TableRow<'warehouse', 'id' | 'name'>>`
    select id, name from ${activeWarehouses} active order by priority, id`.execute(db)
  return compileSourcingRules(
    {
      warehouses: active.rows,
      warehouseRules: draft.warehouseRules ?? warehouse.rules,
      courierRules: draft.courierRules ?? courier.rules,
      reach: draft.reach ?? courier.reach,
    },
    sharedNow(),
  )
}

/** Returns the rules without those that concern only shops outside the scope. */
export async function readChoiceRules(db: Database, scope: Scope): Promise<ChoiceRules> {
  const { warehouse, courier } = await storedRules(db)
  const names = await sql<TableRow<'warehouse', 'id' | 'name' | 'active'>>`
    select id, name, active from ${warehouseNames} w order by active desc, id`.execute(db)
  const concerned = (rule: { shops: string[] }) => concerns(scope, rule.shops)
  return {
    warehouse: { ...warehouse, rules: warehouse.rules.filter(concerned) },
    courier: { ...courier, rules: courier.rules.filter(concerned) },
    warehouses: names.rows,
  }
}

export type SaveRulesRequest =
  | { kind: 'warehouse'; rules: readonly WarehouseRule[]; version: number }
  | { kind: 'courier'; rules: readonly CourierRule[]; reach: Reach; version: number }

/**
 * Replaces the rules of one kind. They apply to every shop, so a user with a limited scope is refused (`outside_scope`). Throws
 * `invalid_input` with the field's name, and `conflict` if another user has saved meanwhile.
 */
export async function saveChoiceRules(
  tx: Tx,
  wish: SaveRulesRequest,
  { actor, scope, request }: { actor: Actor; scope: Scope; request: { ip: string; id: string } },
): Promise<void> {
  if (scope.shops !== 'all') throw new AppError('outside_scope')
  await checkNames(tx, wish)
  const rules = JSON.stringify(wish.rules)
  const reach = JSON.stringify(wish.kind === 'courier' ? wish.reach : {})
  const written = await sql`${writeRules(wish, { rules, reach, by: actor.name })}`.execute(tx)
  if (written.rows.length === 0)
    throw new AppError('conflict', {
      what:
        wish.kind === 'warehouse'
          ? { zh: '仓库规则', en: 'The list of warehouse rules' }
          : { zh: '快递规则', en: 'The list of courier rules' },
    })
  await audit(tx, {
    actor,
    action: 'choice_rules.save',
    subject: { type: 'choice_rules', id: wish.kind },
    detail: { rules: wish.rules.map(({ name }) => name) },
    request,
  })
}

function writeRules(
  { kind, version }: SaveRulesRequest,
  { rules, reach, by }: { rules: string; reach: string; by: string },
): RawBuilder<unknown> {
  if (version === 0)
    return sql`
      insert into choice_rules (kind, rules, reach, updated_by) values (${kind}, ${rules}::jsonb, ${reach}::jsonb, ${by})
      on conflict do nothing returning version`
  return sql`
    update choice_rules
    set rules = ${rules}::jsonb, reach = ${reach}::jsonb, version = version + 1, updated_by = ${by}, updated_at = now()
    where kind = ${kind} and version = ${version} returning version`
}

async function checkNames(tx: Tx, wish: SaveRulesRequest): Promise<void> {
  const asked = [...new Set(wish.rules.flatMap(({ warehouses }) => warehouses))]
  const found = await sql<TableRow<'warehouse', 'id'>>`
    select id from ${warehouseNames} w where id = any(${asked}::bigint[])`.execute(tx)
  const known = new Set(found.rows.map(({ id }) => id))
  for (const [at, rule] of wish.rules.entries()) {
    if (rule.warehouses.some((id) => !known.has(id))) wrong(`rules.${at}.warehouses`)
    if ('courier' in rule && !isCourier(rule.courier)) wrong(`rules.${at}.courier`)
  }
  if (wish.kind !== 'courier') return
  for (const courier of Object.keys(wish.reach)) if (!isCourier(courier)) wrong(`reach.${courier}`)
}

const isCourier = (code: string) => couriers.some((courier) => courier.code === code)
