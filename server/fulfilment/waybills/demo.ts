import { waybillSources } from '../../carriers/index.ts'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import { type CallDeps, callShop, openCall } from '../../shops/calls.ts'
import { saveAccount } from './accounts.ts'

/** Gives each of these shops an account for every courier to which it has subscribed. Repeating it changes nothing. */
export async function waybillDemo(deps: CallDeps, shopIds: readonly string[]): Promise<void> {
  for (const shopId of shopIds) {
    const shop = await openCall(deps, shopId)
    const source = waybillSources.find(({ platforms }) => platforms.includes(shop.connector.id))
    if (!source) continue
    const branches = await callShop(shop, (_, call) => source.branches(call))
    const templates = await callShop(shop, (_, call) => source.templates(call))
    await deps.db.transaction().execute(async (tx) => {
      for (const { courier, branchCode, branchName, addresses } of branches) {
        const template = templates.find((one) => one.courier === courier)
        const [address] = addresses
        if (!template || !address) continue
        const sender = { name: '仓库', mobile: '13800000000', phone: '', address }
        const account = { shopId, source: source.id, courier, branchCode, branchName, sender }
        await saveAccount(
          tx,
          deps.ring,
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
