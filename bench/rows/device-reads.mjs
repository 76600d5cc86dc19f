export const id = 'device-reads';
export async function run() { return []; }
