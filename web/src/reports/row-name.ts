import { useCallback } from 'react'
import { type Dimension, rowWords } from '../../../server/reports/report-rules.ts'
import { useShops } from '../ui/base/session.ts'
import { useSay } from '../words.ts'
import type { FigureRow } from './types.ts'

/** Returns a function that names a row as a person would. */
export function useRowName(dimension: Dimension): (row: Pick<FigureRow, 'key' | 'code' | 'name'>) => string {
  const say = useSay()
  const shops = useShops()
  return useCallback(
    (row) => say(rowWords(dimension, row, (shop) => shops.find(({ id }) => id === shop)?.name)),
    [dimension, shops, say],
  )
}
