import { waybillSources } from '../../carriers/index.ts'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import { type CallDeps, callShop, openCall } from '../../shops/calls.ts'
import { usableAccounts } from './account-queries.ts'
import { ownOrders } from './account-rules.ts'
import { saveAccount } from './accounts.ts'
import { raiseVersion, replaceRules } from './rule-queries.ts'

/** Gives the shop an account at 快递100 for a courier that its platform lacks. Repeating it changes nothing. */
export async function ownAccountDemo(
  deps: Pick<CallDeps, 'db' | 'ring'>,
  shopId: string,
  credentials: Record<string, string>,
): Promise<void> {
  const address = {
    province: '浙江省',
    city: '杭州市',
    district: '余杭区',
    town: '',
    detail: '文一西路 1 号',
  }
  const account = {
    ...{ shopId, source: 'kuaidi100', courier: 'JTSD', branchCode: credentials['partnerId'] ?? '' },
    ...{ branchName: '余杭极兔网点', templateName: '', templateUrl: '', warehouseId: null, enabled: true },
    sender: { name: '仓库', mobile: '13800000000', phone: '', address },
    credentials,
  }
  const by = { actor: systemActor, scope: wholeScope }
  await deps.db
    .transaction()
    .execute((tx) => saveAccount(tx, { ring: deps.ring, simulator: true }, account, by))
}

/** Gives each of these shops an account for every courier to which it has subscribed. Repeating it changes nothing. */
export async function waybillDemo(deps: CallDeps, shopIds: readonly string[]): Promise<void> {
  for (const shopId of shopIds) {
    const shop = await openCall(deps, shopId)
    const source = waybillSources.find(({ platforms }) => platforms.includes(shop.connector.id))
    const service = source?.service
    if (!service) continue
    const branches = await callShop(shop, (_, call) => service.branches(call))
    const templates = await callShop(shop, (_, call) => service.templates(call))
    await deps.db.transaction().execute(async (tx) => {
      for (const { courier, branchCode, branchName, addresses, services } of branches) {
        const template = templates.find((one) => one.courier === courier)
        const [address] = addresses
        if (!template || !address) continue
        const sender = { name: '仓库', mobile: '13800000000', phone: '', address }
        const account = { shopId, source: source.id, courier, branchCode, branchName, sender, services }
        await saveAccount(
          tx,
          deps,
          {
            ...account,
            templateName: template.name,
            templateUrl: template.url,
            warehouseId: null,
            enabled: true,
          },
          { actor: systemActor, scope: wholeScope },
        )
      }
    })
  }
}

/**
 * A rule for numbers, unless there are some: 快递100 for orders that a person made. A rule names no shop, and the simulated platform refuses
 * trades of another shop than the account's, so there is none for trades.
 */
export async function waybillRuleDemo(db: CallDeps['db']): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const own = (await usableAccounts(tx)).find(({ source }) => source === 'kuaidi100')
    if (!own || !(await raiseVersion(tx, 0, '演示'))) return
    await replaceRules(tx, [
      { platform: ownOrders, courier: '', warehouseId: null, accountId: own.id, enabled: true },
    ])
  })
}
