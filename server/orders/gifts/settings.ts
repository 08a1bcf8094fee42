import { sql } from 'kysely'
import { type SkuOfCode, skusOfCodes } from '../../catalog/names.ts'
import type { Actor, Scope } from '../../core/access/actor.ts'
import { audit } from '../../core/access/audit.ts'
import { concerns } from '../../core/access/scope.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row, Rows } from '../../core/db/rows.ts'
import { wrong } from '../../core/lists/define-query.ts'
import { AppError } from '../../errors.ts'
import { unnestRows } from '../../lib/unnest.ts'
import type { GiftRules } from './contract.ts'
import type { Rule, RuleInput } from './decide.ts'

type Stored = RuleInput & Row<'gift_rule', 'id' | 'version'> & { taken: Rows['gift_rule']['placesTaken'] }

/** Returns the rules that were not removed, in their sequence. Stored rules passed the schema of the route that saved them. */
async function storedRules(db: Database | Tx): Promise<Stored[]> {
  const found = await sql<
    Row<'gift_rule', 'id' | 'version'> & { rule: RuleInput; taken: Rows['gift_rule']['placesTaken'] }
  >`
    select r.id, r.version, v.rule, r.places_taken as taken
    from gift_rule r join gift_rule_version v on v.rule_id = r.id and v.version = r.version
    where r.removed_at is null order by r.position, r.id`.execute(db)
  return found.rows.map(({ rule, ...row }) => ({ ...rule, ...row }))
}

export async function rulesInForce(tx: Tx): Promise<Rule[]> {
  const stored = await storedRules(tx)
  return compileRules(
    tx,
    stored.filter(({ enabled }) => enabled),
  )
}

export async function rulesToTry(db: Database, drafts: readonly RuleInput[] | undefined): Promise<Rule[]> {
  return compileRules(db, drafts ?? (await storedRules(db)))
}

/** Returns rules as they were when they gave gifts, by `versionKey`. */
export async function rulesOfVersions(
  tx: Tx,
  given: readonly { ruleId: string; version: number }[],
): Promise<Map<string, Rule>> {
  const found = await sql<Row<'gift_rule', 'id' | 'version'> & { rule: RuleInput }>`
    select distinct v.rule_id as id, v.version, v.rule
    from ${unnestRows('d', given, [
      ['rule_id', 'int8', (row) => row.ruleId],
      ['version', 'int4', (row) => row.version],
    ])}
    join gift_rule_version v on v.rule_id = d.rule_id and v.version = d.version`.execute(tx)
  const rules = await compileRules(
    tx,
    found.rows.map(({ rule, ...row }) => ({ ...rule, ...row })),
  )
  return new Map(rules.map((rule) => [versionKey({ ruleId: rule.id, version: rule.version }), rule]))
}

export const versionKey = ({ ruleId, version }: { ruleId: string; version: number }) => `${ruleId}/${version}`

type Compilable = RuleInput & { version?: number }

async function compileRules(db: Database | Tx, rules: readonly Compilable[]): Promise<Rule[]> {
  if (rules.length === 0) return []
  const skus = await skusOfCodes(db, rules.flatMap(codesOf))
  return rules.map((rule, at) => compile(rule, skus, at))
}

const codesOf = ({ skus, gifts }: RuleInput) => [
  ...skus,
  ...gifts.flatMap(({ code, instead }) => (instead === '' ? [code] : [code, instead])),
]

function compile(rule: Compilable, skus: ReadonlyMap<string, SkuOfCode>, at: number): Rule {
  const idOf = (code: string) => skus.get(code)?.id ?? null
  const skuIds = rule.skus.flatMap((code) => idOf(code) ?? [])
  const { name, enabled, time, shops, firstOrders, perBuyer, exclusive, whenOut } = rule
  const { minFen, maxFen, minQuantity, maxQuantity, match, base, perFen, perQuantity, maxTimes } = rule
  return {
    // A rule of a draft has no id in the database, and no order has gifts of it.
    id: rule.id ?? `new ${at}`,
    version: rule.version ?? 0,
    ...{ name, enabled, time, shops, firstOrders, perBuyer, exclusive, whenOut },
    from: rule.from === null ? null : new Date(rule.from),
    to: rule.to === null ? null : new Date(rule.to),
    terms: {
      ...{ minFen, maxFen, minQuantity, maxQuantity, match, base, perFen, perQuantity, maxTimes },
      skuIds,
      itemIds: rule.listings,
    },
    lacks: skuIds.length < rule.skus.length,
    gifts: rule.gifts.map(({ code, quantity, instead }) => ({
      code,
      quantity,
      skuId: idOf(code),
      insteadId: instead === '' ? null : idOf(instead),
    })),
  }
}

/** Returns the rules, without those that concern only shops outside the scope. */
export async function readGiftRules(db: Database, scope: Scope): Promise<GiftRules> {
  const rules = await storedRules(db)
  const head = await sql<Row<'gift_rules', 'version' | 'updatedBy' | 'updatedAt'>>`
    select version, updated_by as "updatedBy", updated_at as "updatedAt" from gift_rules`.execute(db)
  const { version = 0, updatedBy = '', updatedAt = null } = head.rows[0] ?? {}
  const shown = rules.filter((rule) => concerns(scope, rule.shops)).map(({ version: _, ...rule }) => rule)
  return { rules: shown, version, updatedBy, updatedAt }
}

type SaveGiftRulesRequest = { rules: readonly RuleInput[]; version: number }

/**
 * Replaces the rules of all shops, so a user with a limited scope is refused (`outside_scope`). Throws `invalid_input` with
 * the field's name, and `conflict` if another user has saved meanwhile. Orders that already count toward a rule's limit `firstOrders` still
 * count.
 */
export async function saveGiftRules(
  tx: Tx,
  { rules, version }: SaveGiftRulesRequest,
  { actor, scope, request }: { actor: Actor; scope: Scope; request: { ip: string; id: string } },
): Promise<void> {
  if (scope.shops !== 'all') throw new AppError('outside_scope')
  await checkCodes(tx, rules)
  await raiseVersion(tx, version, actor.name)
  // The rules are locked in the order of their ids, as in the transactions that give gifts.
  const live = await sql<Row<'gift_rule', 'id'>>`
    select id from gift_rule where removed_at is null order by id for update`.execute(tx)
  const known = new Set(live.rows.map(({ id }) => id))
  const asked = rules.flatMap(({ id }) => id ?? [])
  const strange = rules.findIndex(({ id }) => id !== undefined && !known.has(id))
  if (strange >= 0 || new Set(asked).size < asked.length) wrong(`rules.${Math.max(0, strange)}.id`)
  await writeRules(tx, rules)
  await audit(tx, {
    actor,
    action: 'gift_rules.save',
    subject: { type: 'gift_rules', id: 'all' },
    detail: { rules: rules.map(({ name }) => name) },
    request,
  })
}

async function raiseVersion(tx: Tx, version: number, by: string): Promise<void> {
  const raised =
    version === 0
      ? sql`insert into gift_rules (version, updated_by) values (1, ${by}) on conflict do nothing returning version`
      : sql`
          update gift_rules set version = version + 1, updated_by = ${by}, updated_at = now()
          where version = ${version} returning version`
  const { rows } = await raised.execute(tx)
  if (rows.length === 0)
    throw new AppError('conflict', { what: { zh: '赠品规则', en: 'The list of gift rules' } })
}

async function writeRules(tx: Tx, rules: readonly RuleInput[]): Promise<void> {
  const placed = rules.map(({ id, ...rule }, position) => ({ id, position, rule: JSON.stringify(rule) }))
  const rows = (some: typeof placed) =>
    unnestRows('d', some, [
      ['id', 'int8', (row) => row.id ?? null],
      ['position', 'int4', (row) => row.position],
      ['rule', 'text', (row) => row.rule],
    ])
  const kept = placed.filter(({ id }) => id !== undefined)
  const fresh = placed.filter(({ id }) => id === undefined)
  await sql`
    update gift_rule set removed_at = now()
    where removed_at is null and id <> all(${kept.flatMap(({ id }) => id ?? [])}::bigint[])`.execute(tx)
  await sql`
    with kept as (
      update gift_rule r set position = d.position, version = r.version + (v.rule <> d.rule::jsonb)::int
      from ${rows(kept)}
      join gift_rule_version v on v.rule_id = d.id
      where r.id = d.id and v.version = r.version
      returning r.id, r.version, d.rule::jsonb as rule
    )
    insert into gift_rule_version (rule_id, version, rule) select id, version, rule from kept on conflict do nothing`.execute(
    tx,
  )
  await sql`
    with made as (
      insert into gift_rule (position) select position from ${rows(fresh)} order by position returning id, position
    )
    insert into gift_rule_version (rule_id, version, rule)
    select made.id, 1, d.rule::jsonb from made join ${rows(fresh)} on d.position = made.position`.execute(tx)
}

async function checkCodes(tx: Tx, rules: readonly RuleInput[]): Promise<void> {
  const skus = await skusOfCodes(tx, rules.flatMap(codesOf))
  for (const [at, { gifts, whenOut }] of rules.entries()) {
    const codes = new Set<string>()
    for (const [index, { code, instead }] of gifts.entries()) {
      const field = `rules.${at}.gifts.${index}`
      if (!skus.has(code) || codes.has(code)) wrong(`${field}.code`)
      codes.add(code)
      if (
        whenOut === 'instead'
          ? !skus.has(instead) || codes.has(instead)
          : instead !== '' && !skus.has(instead)
      )
        wrong(`${field}.instead`)
      codes.add(instead)
    }
  }
}
