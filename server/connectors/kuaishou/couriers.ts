import type { CourierNames } from '../couriers.ts'

/**
 * 物流公司编号 of the platform's documents. 百世 (1) is left out: its parcels are sent with the number of 极兔, because both are one company now.
 * The e-waybills of the platform name couriers by letters instead.
 */
export const expressCodes: CourierNames = {
  SF: '4',
  YTO: '6',
  ZTO: '9',
  STO: '3',
  YUNDA: '11',
  JTSD: '109',
  JD: '14',
  EMS: '2',
  POSTB: '8',
  DBKD: '53',
  TTKDEX: '5',
  UC: '15',
  ZJS: '10',
  EYB: '139',
  DN: '113',
  FENGWANG: '127',
  ZYKD: '112',
  KYE: '25',
  ZTOKY: '12',
  YDKY: '7',
  ANE: '43',
  SXJD: '86',
}
