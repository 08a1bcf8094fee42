import { useQuery } from '@tanstack/react-query'
import { get } from '../api.ts'
import { useSay } from '../words.ts'
import type { Couriers } from './types.ts'

const none: Couriers['rows'] = []

export function useCouriers(): Couriers['rows'] {
  return (
    useQuery({
      queryKey: ['/couriers'],
      queryFn: () => get('/couriers'),
      staleTime: Number.POSITIVE_INFINITY,
    }).data?.rows ?? none
  )
}

/** SF → 顺丰速运 */
export function useCourierName(): (code: string) => string {
  const say = useSay()
  const couriers = useCouriers()
  return (code) => {
    const courier = couriers.find((each) => each.code === code)
    return courier ? say(courier) : code
  }
}
