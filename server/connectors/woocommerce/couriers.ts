import { type CourierNames, couriers } from '../couriers.ts'

/** The platform knows no couriers: a parcel has the name by which the buyer knows its courier. */
export const courierNames: CourierNames = Object.fromEntries(couriers.map(({ code, zh }) => [code, zh]))
