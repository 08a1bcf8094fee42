import { useQuery } from '@tanstack/react-query'
import { warehousesQuery } from '../ui/base/session.ts'
import type { Warehouse } from './types.ts'

const none: Warehouse[] = []
export function useWarehouses(): Warehouse[] {
  return useQuery(warehousesQuery).data?.rows ?? none
}
