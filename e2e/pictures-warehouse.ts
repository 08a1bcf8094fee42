import type { Page } from 'playwright-core'
import { stations, type WarehouseDay } from './lively-warehouse.ts'
import type { Shot } from './pictures-shots.ts'

const first = async (page: Page) => {
  await page.locator('.list-row').first().waitFor({ timeout: 4000 })
  await page.keyboard.press('j')
}
const dialog = (page: Page) => page.locator('.dialog, .popover').first().waitFor({ timeout: 4000 })
const key = (letter: string) => async (page: Page) => {
  await page.keyboard.press(letter)
  await dialog(page)
}
const onFirst = (letter: string) => async (page: Page) => {
  await first(page)
  await key(letter)(page)
}
/** Presses a button by its Chinese or English name. */
const press = (name: RegExp) => async (page: Page) => {
  await page.getByRole('button', { name }).first().click({ timeout: 4000 })
  await dialog(page)
}
const selected = async (page: Page) => {
  await page.locator('.list-row').first().waitFor({ timeout: 4000 })
  for (const nth of [0, 1, 2]) await page.locator('.list-row .cell-tick').nth(nth).click()
}
/** The browser is this station from the next page on. */
const station = (name: string) => async (page: Page) => {
  await page.evaluate((to) => localStorage.setItem('sanyi.station', to), name)
  await page.goto(new URL('/station', page.url()).href)
  await page.locator('.station-banner').waitFor({ timeout: 4000 })
}

/** The screens of the warehouse. */
export function warehouseShots({ picking, sorting, shippedOrder }: WarehouseDay): Shot[] {
  return [
    { name: 'day-desk-numbers', at: '/print-desk' },
    { name: 'day-desk', at: '/print-desk?tab=print', act: first },
    { name: 'day-desk-selected', at: '/print-desk?tab=print', act: selected },
    { name: 'day-desk-shipped', at: '/print-desk?tab=shipped', act: first },
    { name: 'day-print', at: '/deliveries?tab=print', act: onFirst('p') },
    { name: 'day-give-back', at: '/deliveries?tab=print', act: selected },
    { name: 'day-handover', at: '/deliveries?tab=shipped' },
    { name: 'day-waves', at: '/waves' },
    {
      name: 'day-wave',
      at: '/waves',
      act: async (page) => {
        await page.locator('.wave-open').nth(1).click({ timeout: 4000 })
        await page.getByRole('complementary').last().waitFor({ timeout: 4000 })
        await page.mouse.move(0, 0)
      },
    },
    { name: 'day-waves-all', at: '/waves?tab=all' },
    { name: 'day-wave-rules', at: '/waves', act: press(/^(改规则…|Change the rules…)$/) },
    { name: 'day-pick', at: `/phone/pick/${picking}`, phone: true },
    { name: 'day-phones', at: '/phones' },
    { name: 'day-phone', at: '/phone', phone: true },
    { name: 'day-phone-picks', at: '/phone/pick', phone: true },
    { name: 'day-phone-put-away', at: '/phone/put-away', phone: true },
    { name: 'day-phone-counts', at: '/phone/count', phone: true },
    { name: 'day-phone-look-up', at: '/phone/look-up', phone: true },
    { name: 'day-sort', at: `/sort/${sorting}` },
    { name: 'day-pick-list', at: `/pick-list/${picking}` },
    { name: 'day-stations', at: '/stations' },
    { name: 'day-station', at: '/stations', act: station(stations[0]) },
    { name: 'day-station-stop', at: '/stations', act: station(stations[1]) },
    { name: 'day-station-free', at: '/stations', act: station('5 号台') },
    { name: 'day-order', at: `/orders?tab=all&open=${shippedOrder}` },
    { name: 'day-papers', at: '/paper-templates' },
    { name: 'day-accounts', at: '/waybill-accounts' },
    { name: 'day-account', at: '/waybill-accounts', act: key('n') },
    {
      name: 'day-waybill-rules',
      at: '/waybill-rules',
      act: async (page) => {
        await page.keyboard.press('t')
        await page.locator('.dry-sum').waitFor({ timeout: 4000 })
      },
    },
    { name: 'day-bins', at: '/bins' },
    { name: 'day-bin-new', at: '/bins', act: key('n') },
    { name: 'day-warehouses', at: '/warehouses' },
    { name: 'day-warehouse', at: '/warehouses', act: press(/^(修改…|Change…|Edit…)$/) },
  ]
}
