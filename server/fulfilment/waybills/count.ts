import type { Branch, LabelTemplate, WaybillSource } from '../../carriers/carrier.ts'
import { waybillSources } from '../../carriers/index.ts'
import { wholeScope } from '../../core/access/actor.ts'
import type { Database } from '../../core/db/db.ts'
import type { RunCounts } from '../../core/tasks/kinds.ts'
import { callShop, type OpenedShop } from '../../shops/calls.ts'
import { type AccountRow, accountsOf, writeBalances } from './account-queries.ts'
import { insertCounts, type OurCount, ourCounts, writeTemplates } from './count-queries.ts'

/**
 * 核对电子面单: brings balances and labels of a shop's accounts up to date, and counts the numbers that the source says it gave against our
 * rows. After an unclear answer a source of the kind `neither` may have given a number that did not arrive; here it is found. A branch with
 * requests on their way is counted the next time.
 */
export async function countNumbers(
  opened: OpenedShop,
  sources: readonly WaybillSource[] = waybillSources,
): Promise<Partial<RunCounts>> {
  const { db } = opened.deps
  const { id: shopId, platform } = opened.shop
  const source = sources.find(({ platforms }) => platforms.includes(platform))
  const service = source?.service
  if (!service) return {}
  const accounts = (await accountsOf(db, wholeScope)).filter(
    (account) => account.shopId === shopId && account.source === source.id,
  )
  if (accounts.length === 0) return {}
  const before = await ourCounts(db, shopId, source.id)
  const branches = await callShop(opened, (_, call) => service.branches(call))
  const after = await ourCounts(db, shopId, source.id)
  await noteBalances(db, accounts, branches)
  const templates = await callShop(opened, (_, call) => service.templates(call))
  await noteTemplates(db, accounts, templates)
  const quiet = after.filter(
    (one) =>
      one.open === 0 && before.some((was) => isOf(was, one) && was.open === 0 && was.ours === one.ours),
  )
  const counts = quiet.flatMap(({ open: _open, ...one }) => {
    const branch = branches.find((known) => isOf(known, one))
    return branch ? [{ ...one, given: branch.used - branch.returned }] : []
  })
  const made = await insertCounts(db, { shopId, source: source.id }, counts)
  const surplus = Object.fromEntries(
    made.filter((one) => one.surplus !== 0).map((one) => [one.courier, one.surplus]),
  )
  const skipped = after.length - counts.length
  return {
    seen: counts.length,
    ...(skipped > 0 ? { skipped: { busy: skipped } } : {}),
    report: Object.keys(surplus).length > 0 ? { surplus } : null,
  }
}

type OfBranch = Pick<OurCount, 'courier' | 'branchCode'>
const isOf = (one: OfBranch, other: OfBranch) =>
  one.courier === other.courier && one.branchCode === other.branchCode

/** The balances and services that were just asked become those of the accounts of these branches. */
export async function noteBalances(
  db: Database,
  accounts: readonly AccountRow[],
  branches: readonly Branch[],
): Promise<void> {
  const rows = accounts.flatMap((account) => {
    const branch = branches.find((one) => isOf(one, account))
    return branch ? [{ id: account.id, balance: branch.balance, services: branch.services }] : []
  })
  if (rows.length > 0) await writeBalances(db, rows)
}

/** A label that the source offers under the same name has its new address; one that it no longer offers is gone. */
async function noteTemplates(
  db: Database,
  accounts: readonly AccountRow[],
  templates: readonly LabelTemplate[],
): Promise<void> {
  const rows = accounts.map(({ id, courier, templateName, templateUrl }) => {
    const own = templates.filter((one) => one.courier === courier)
    const same = own.find(({ url }) => url === templateUrl) ?? own.find(({ name }) => name === templateName)
    return { id, was: templateUrl, url: same?.url ?? templateUrl, isGone: same === undefined }
  })
  await writeTemplates(db, rows)
}
