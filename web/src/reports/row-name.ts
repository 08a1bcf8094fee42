import { useCallback } from 'react'
import { courierCodes } from '../../../server/connectors/couriers.ts'
import type { Dimension } from '../../../server/reports/report-rules.ts'
import { useShops } from '../ui/base/session.ts'
import { useSay } from '../words.ts'
import type { FigureRow } from './types.ts'

/** Returns a function that names a row as a person would. */
export function useRowName(dimension: Dimension): (row: Pick<FigureRow, 'key' | 'code' | 'name'>) => string {
  const say = useSay()
  const shops = useShops()
  return useCallback(
    ({ key, code, name }) => {
      if (dimension === 'shop') return shops.find(({ id }) => id === key)?.name ?? key
      if (dimension === 'sku') return key === '0' ? say(['未匹配', 'Not matched']) : `${code} ${name}`
      const courier = dimension === 'courier' ? courierCodes[key] : undefined
      if (courier) return say([courier.zh, courier.en])
      return key === '' ? say(['没有填', 'None given']) : key
    },
    [dimension, shops, say],
  )
}
