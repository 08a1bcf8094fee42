import type { CourierNames } from '../couriers.ts'
import { guessedCouriers } from './unverified.ts'

/** 物流公司ID, by which `jingdong.pop.order.shipment` names a courier. The e-waybills of the platform name couriers by letters instead. */
export const companyIds: CourierNames = {
  SF: '467',
  YTO: '463',
  ZTO: '1499',
  STO: '470',
  YUNDA: '1327',
  JD: '2087',
  EMS: '465',
  DBKD: '3046',
  ...guessedCouriers,
}
