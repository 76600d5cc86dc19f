export { chunkOf, type ChunkPoint, pointsOf } from './chunks.ts';
export { type ContractTest, storeContract } from './store-contract.ts';
