export const id = 'train-with-logging';
export async function run() { return []; }
