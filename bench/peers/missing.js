// Stands in for a peer that is not installed.
export default undefined;
