import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { Static } from 'typebox'
import type { LocalizedText } from '../../../../server/lib/localized-text.ts'
import type { ShopNameOut } from '../../../../server/shops/contract.ts'
import type { meAnswer } from '../../../../server/users/contract.ts'
import { isPermission, permissionTable } from '../../../../server/users/permissions.ts'
import { get } from '../../api.ts'
import { needsOf } from '../../frame/menu.ts'
import { type Say, useSay } from '../../words.ts'
import { shared } from './words.ts'

export type Me = Static<typeof meAnswer>

export type ShopName = Pick<ShopNameOut, 'id' | 'name' | 'platform' | 'authState'> & {
  /** The kind of the shop, such as 天猫 or 拼多多. */
  label: LocalizedText
}

export const meQuery = {
  queryKey: ['/me'],
  queryFn: () => get('/me'),
  staleTime: 60_000,
}

export function useMe(): Me | undefined {
  return useQuery(meQuery).data
}

/**
 * Returns the reason for a disabled button if the user lacks the permission. Undefined: the user has it, or it is not known yet and the
 * server decides.
 */
export function useAllowed(): (permission: string) => string | undefined {
  const me = useMe()
  const say = useSay()
  return (permission) =>
    !me || me.permissions.includes(permission)
      ? undefined
      : say(shared.noPermission, { permission: nameOf(permission, say) })
}

/** Returns true if the user is known to have the permission. For parts that are shown or loaded only then. */
export function useMay(): (permission: string) => boolean {
  const me = useMe()
  return (permission) => me?.permissions.includes(permission) === true
}

export function useMayOpen(): (address: string) => boolean {
  const may = useMay()
  return (address) => needsOf(address).every(may)
}

const noShops: ShopName[] = []

export const shopsQuery = {
  queryKey: ['/shops'],
  queryFn: () => get('/shops'),
  staleTime: 30_000,
}

/** The names of the shops in the user's scope. Every signed-in user may read them, even without permission to open a shop's page. */
export const shopNamesQuery = {
  queryKey: ['/shops', 'names'],
  queryFn: () => get('/shop-names'),
  staleTime: 30_000,
}

export const connectorsQuery = {
  queryKey: ['/connectors'],
  queryFn: () => get('/connectors'),
  staleTime: 3_600_000,
}

export const warehousesQuery = {
  queryKey: ['/warehouses'],
  queryFn: () => get('/warehouses'),
  staleTime: 30_000,
}

export function useShops(): ShopName[] {
  const shops = useQuery(shopNamesQuery).data?.rows
  const connectors = useQuery(connectorsQuery).data?.rows
  return useMemo(
    () =>
      shops?.map(({ id, name, platform, variant, authState }) => {
        const connector = connectors?.find((each) => each.id === platform)
        const label = connector?.variants.find((each) => each.id === variant) ??
          connector?.name ?? { zh: platform, en: platform }
        return { id, name, platform, authState, label: { zh: label.zh, en: label.en } }
      }) ?? noShops,
    [shops, connectors],
  )
}

export type Platform = { id: string; name: LocalizedText }

/** Returns the platforms on which the user has shops, in the order of the connectors; none if there is only one, since it needs no choice. */
export function usePlatforms(): readonly Platform[] {
  const shops = useShops()
  const connectors = useQuery(connectorsQuery).data?.rows
  return useMemo(() => {
    const own = connectors?.filter(({ id }) => shops.some(({ platform }) => platform === id)) ?? []
    return own.length < 2 ? [] : own.map(({ id, name }) => ({ id, name }))
  }, [shops, connectors])
}

export function useShop(id: string): ShopName | undefined {
  return useShops().find((shop) => shop.id === id)
}

function nameOf(permission: string, say: Say): string {
  return isPermission(permission) ? say([permissionTable[permission][1], permissionTable[permission][2]]) : ''
}
