import { soon } from '../../ui/base/soon.tsx'

// The code of these dialogs is loaded separately, so that the list does not wait for it.

const desk = () => import('./desk-dialogs.tsx')

export const addGiftDialog = soon(() => import('./add-gift-dialog-page.tsx'))
export const blacklistDialog = soon(() => import('./blacklist-dialog-page.tsx'))
export const chooseDialog = soon(async () => ({ default: (await desk()).ChooseDialog }))
export const courierDialog = soon(async () => ({ default: (await desk()).CourierDialog }))
export const holdDialog = soon(async () => ({ default: (await import('./hold-dialog.tsx')).HoldDialog }))
export const memosDialog = soon(async () => ({ default: (await desk()).MemosDialog }))
export const removeGiftDialog = soon(() => import('./remove-gift-dialog-page.tsx'))
export const servicesDialog = soon(async () => ({ default: (await desk()).ServicesDialog }))
export const settleDialog = soon(async () => ({
  default: (await import('./settle-dialog.tsx')).SettleDialog,
}))
export const shipAfterDialog = soon(async () => ({
  default: (await import('./buyer-dialogs.tsx')).ShipAfterDialog,
}))
export const splitDialog = soon(() => import('./split-how-dialog-page.tsx'))
export const substituteDialog = soon(() => import('./substitute-dialog-page.tsx'))
export const urgentDialog = soon(async () => ({ default: (await desk()).UrgentDialog }))
export const warehouseDialog = soon(async () => ({ default: (await desk()).WarehouseDialog }))
