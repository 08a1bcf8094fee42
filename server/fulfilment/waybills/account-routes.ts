import { trackingSources, waybillSources } from '../../carriers/index.ts'
import { inScope } from '../../core/access/scope.ts'
import { type Routes, route, secret } from '../../core/http/http.ts'
import { idParams } from '../../core/http/http-contract.ts'
import { AppError } from '../../errors.ts'
import { maskReceiver } from '../../lib/mask.ts'
import type { KeyRing } from '../../lib/seal.ts'
import { type CallDeps, callShop, type OpenedShop, openCall } from '../../shops/calls.ts'
import { type AccountRow, accountsOf } from './account-queries.ts'
import { nothingStored, openSender, saveAccount, shownCredentials } from './accounts.ts'
import { accountInput, accountList, accountSaved, serviceOut, sourceList } from './contract.ts'
import { noteBalances } from './count.ts'
import { outlook } from './outlook.ts'

const tags = ['fulfilment']

/** 电子面单账号: the accounts, and what a shop's platform offers for them. */
export function accountRoutes(calls: Omit<CallDeps, 'db' | 'ring'>): Routes {
  return async (app) => {
    const { db, ring, config } = app
    const keys = { ring, simulator: calls.simulator, platformHosts: config.platformHosts }
    app.get(
      '/api/waybill-sources',
      route('shops.write', 'The sources of waybill numbers whose accounts have credentials of their own', {
        tags,
        response: { 200: sourceList },
      }),
      async () => ({
        rows: waybillSources.flatMap(({ id, name, couriers, credentials, ownServices = [] }) =>
          credentials
            ? [{ id, name, couriers: Object.keys(couriers), services: [...ownServices], credentials }]
            : [],
        ),
      }),
    )
    app.get(
      '/api/waybill-accounts',
      route('fulfilment.read', 'The accounts from which waybill numbers are taken', {
        tags,
        response: { 200: accountList },
      }),
      async ({ scope, permissions }) => {
        const { counts, refused } = await outlook(db, scope)
        // Only users who may change an account see with which credentials it is called.
        const may = permissions.has('shops.write')
        const rows = (await accountsOf(db, scope)).map((row) => ({
          ...shown(ring, row, may),
          waiting: counts.get(row.id) ?? 0,
        }))
        return { rows, next: null, refused }
      },
    )
    app.post(
      '/api/waybill-accounts',
      secret(
        route(
          'shops.write',
          'Add or change an account of waybill numbers',
          { tags, body: accountInput, response: { 200: accountSaved } },
          ['not_found', 'invalid_input'],
        ),
      ),
      async ({ body, actor, scope }) => ({
        id: await db.transaction().execute((tx) => saveAccount(tx, keys, body, { actor, scope })),
      }),
    )
    app.get(
      '/api/shops/:id/waybill-service',
      route(
        'shops.write',
        'The branches and labels that the platform of a shop offers, asked now',
        { tags, params: idParams, response: { 200: serviceOut } },
        [
          'not_found',
          'no_platform_waybills',
          'shop_disabled',
          'credentials_missing',
          'reauthorise',
          'platform_rejected',
          'platform_unavailable',
        ],
      ),
      async ({ params: { id: shopId }, scope }) => {
        if (!inScope(scope, shopId)) throw new AppError('not_found', { what: { zh: '店铺', en: 'Shop' } })
        const shop = await openCall({ ...calls, db, ring }, shopId)
        const { source, service } = serviceFor(shop)
        const branches = await callShop(shop, (_, call) => service.branches(call))
        const templates = await callShop(shop, (_, call) => service.templates(call))
        const accounts = (await accountsOf(db, scope)).filter(
          (one) => one.shopId === shopId && one.source === source.id,
        )
        await noteBalances(db, accounts, branches)
        const shownBranches = branches.map(({ returned: _returned, ...branch }) => branch)
        return { source: source.id, name: source.name, branches: shownBranches, templates }
      },
    )
  }
}

/** @throws {AppError} if no e-waybills of the shop's platform are connected. */
function serviceFor({ shop: { platform }, connector }: OpenedShop) {
  const source = waybillSources.find(({ platforms }) => platforms.includes(platform))
  if (!source?.service) throw new AppError('no_platform_waybills', { platform: connector.name })
  return { source, service: source.service }
}

function shown(
  ring: KeyRing,
  { sender, credentials: sealed, ...row }: AccountRow & { takenToday: number },
  mayChange: boolean,
) {
  const { name, mobile, phone, address } = openSender(ring, row.shopId, sender)
  const { province, city, district, town, detail } = address
  const place = `${province}${city}${district}${town}${detail}`
  const source = waybillSources.find(({ id }) => id === row.source)
  const credentials = mayChange ? shownCredentials(ring, { ...row, credentials: sealed }) : nothingStored
  const sourceName = source?.name ?? { zh: row.source, en: row.source }
  return {
    ...row,
    track: trackingSources.some(({ id }) => id === row.source) ? row.track : null,
    sourceName,
    credentials,
    senderMasked: `${maskReceiver({ name, mobile, phone })} ${place}`,
  }
}
