import type { CourierNames } from '../couriers.ts'

/** delivery_id of our couriers, from order/deliverycompanylist/get. */
export const deliveryIds: CourierNames = {
  SF: 'SF',
  YTO: 'YTO',
  ZTO: 'ZTO',
  STO: 'STO',
  YUNDA: 'YUNDA',
  JTSD: 'JTSD',
  JD: 'JD',
  EMS: 'EMS',
  DBKD: 'DBKD',
  DN: 'CNSD',
  SFKY: 'FOP',
  SXJD: 'SXJD',
}
