import type { CourierNames } from '../../connectors/couriers.ts'

/**
 * The letters by which the e-waybills of 快手 name our couriers; goods are shipped with numbers (`expressCodes`). 百世 (HTKY) is left out, because
 * its parcels can no longer be shipped there.
 */
export const companyLetters: CourierNames = {
  SF: 'SF',
  YTO: 'YTO',
  ZTO: 'ZTO',
  STO: 'STO',
  YUNDA: 'YUNDA',
  JTSD: 'JT',
  JD: 'JD',
  EMS: 'EMS',
  POSTB: 'POSTB',
  FENGWANG: 'FENGWANG',
}
